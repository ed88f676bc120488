import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { BoardController } from './board.controller.js';
import { BoardService } from './board.service.js';
import { UpdateLogService } from './update-log.service.js';
import { workspace } from './workspace.js';

@Module({
  imports: [QuonfigModule.forRoot({ ...workspace, dataDirAutoReload: true })],
  controllers: [BoardController],
  providers: [BoardService, UpdateLogService],
})
export class AppModule {}
