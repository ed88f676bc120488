import { Controller, Get, NotFoundException, Param, Post, Req, UseGuards } from '@nestjs/common';
import { RequireFlag } from 'nestjs-quonfig';
import { AuthGuard, type AuthenticatedRequest } from './auth.guard.js';
import { ExportQueue, type FinishedExport } from './export.queue.js';

@Controller('exports')
export class ExportsController {
  constructor(private readonly queue: ExportQueue) {}

  // The lowest decorator runs first: authentication, then the flag, which depends on the user.
  @Post()
  @RequireFlag('orders.export')
  @UseGuards(AuthGuard)
  start(@Req() { user }: AuthenticatedRequest): { id: number } {
    return { id: this.queue.add(user!.id) };
  }

  /** Waits until the export is finished. */
  @Get(':id')
  @RequireFlag('orders.export')
  @UseGuards(AuthGuard)
  async find(
    @Param('id') id: string,
    @Req() { user }: AuthenticatedRequest,
  ): Promise<FinishedExport> {
    const finished = await this.queue.finished(Number(id));
    if (finished?.user !== user!.id) throw new NotFoundException();
    return finished;
  }
}
