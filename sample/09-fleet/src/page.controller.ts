import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { Fleet, type Shown } from './fleet.js';
import type { Report } from './report.js';

const ACTIONS = ['kill', 'stop', 'start'] as const;
type Action = (typeof ACTIONS)[number];

/** Serves the page's buttons, and collects what processes report. */
@Controller()
export class PageController {
  constructor(private readonly fleet: Fleet) {}

  @Get('fleet')
  shown(): Shown[] {
    return this.fleet.shown();
  }

  @Post('reports')
  @HttpCode(204)
  report(@Body() report: Report): void {
    this.fleet.received(report);
  }

  @Post('publish/:price')
  @HttpCode(204)
  publish(@Param('price') price: string): void {
    if (!/^\d{1,6}$/.test(price)) throw new BadRequestException('A price is a number.');
    this.fleet.publish(Number(price));
  }

  @Post(':action/:name')
  @HttpCode(204)
  act(@Param('action') action: Action, @Param('name') name: string): void {
    const acts = {
      kill: () => this.fleet.kill(name),
      stop: () => this.fleet.stop(name),
      start: () => this.fleet.startAgain(name),
    };
    if (!ACTIONS.includes(action) || !acts[action]()) throw new NotFoundException();
  }
}
