import {
  BadRequestException,
  Body,
  Controller,
  Header,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';
import type { Change } from './delivery-server.js';

export const CONTROL_URL = Symbol('CONTROL_URL');

const ACTIONS = ['publish', 'stop', 'start', 'revoke', 'allow'];

/** Serves the page's buttons. Only a demo needs this: real applications do not control the delivery service. */
@Controller('control')
export class ControlController {
  constructor(
    private readonly quonfig: QuonfigService,
    @Inject(CONTROL_URL) private readonly controlUrl: string,
  ) {}

  /** Reconnects now, even after a terminal failure. */
  @Post('reconnect')
  @HttpCode(200)
  @Header('Content-Type', 'text/plain')
  async reconnect(): Promise<string> {
    try {
      await this.quonfig.reconnect();
      return 'Done.';
    } catch (error) {
      throw new BadRequestException((error as Error).message);
    }
  }

  @Post(':action')
  @HttpCode(200)
  @Header('Content-Type', 'text/plain')
  async forward(@Param('action') action: string, @Body() change?: Change): Promise<string> {
    if (!ACTIONS.includes(action)) throw new NotFoundException();
    const body = change?.key === undefined ? undefined : JSON.stringify(change);
    const response = await fetch(`${this.controlUrl}/${action}`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new BadRequestException(text);
    return text;
  }
}
