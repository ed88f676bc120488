import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { QuonfigInspectorModule } from 'nestjs-quonfig/inspector';
import { BoardController } from './board.controller.js';
import { BoardService } from './board.service.js';
import { UpdateLogService } from './update-log.service.js';
import { workspace } from './workspace.js';

@Module({
  imports: [
    QuonfigModule.forRoot({ ...workspace, dataDirAutoReload: true }),
    // Answers only requests from this machine. In production, pass `guard` or `authorize`.
    QuonfigInspectorModule.register({ recentContexts: true }),
  ],
  controllers: [BoardController],
  providers: [BoardService, UpdateLogService],
})
export class AppModule {}
