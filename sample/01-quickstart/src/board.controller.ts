import { readFileSync } from 'node:fs';
import { Controller, Get, Header, Sse, type MessageEvent } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { BoardService, type Board } from './board.service.js';

const page = readFileSync(new URL('../public/index.html', import.meta.url), 'utf8');

@Controller()
export class BoardController {
  constructor(private readonly board: BoardService) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return page;
  }

  @Get('values')
  values(): Board {
    return this.board.current();
  }

  /** Sends the board as server-sent events: on connect, then after each change. */
  @Sse('events')
  events(): Observable<MessageEvent> {
    return this.board.watch().pipe(map((board) => ({ data: board, retry: 1000 })));
  }
}
