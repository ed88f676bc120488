import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { QuonfigContext } from 'nestjs-quonfig';
import { ExportWriter } from './export.writer.js';
import { contextsOf, users } from './users.js';

export interface FinishedExport {
  id: number;
  user: string;
  rows: number;
}

interface ExportJob {
  readonly id: number;
  readonly user: string;
  readonly result: Promise<FinishedExport>;
  finish(rows: number): void;
}

/** In your application, BullMQ or the like. Like those, it runs jobs outside of the request that added them. */
@Injectable()
export class ExportQueue implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly jobs: ExportJob[] = [];
  private readonly waiting: ExportJob[] = [];
  private worker: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: QuonfigContext,
    private readonly writer: ExportWriter,
  ) {}

  onApplicationBootstrap(): void {
    this.worker = setInterval(() => {
      for (const job of this.waiting.splice(0)) this.run(job);
    }, 100);
  }

  onApplicationShutdown(): void {
    clearInterval(this.worker);
  }

  add(user: string): number {
    const id = this.jobs.length + 1;
    let finish!: ExportJob['finish'];
    const result = new Promise<FinishedExport>((resolve) => {
      finish = (rows) => resolve({ id, user, rows });
    });
    const job = { id, user, result, finish };
    this.jobs.push(job);
    this.waiting.push(job);
    return id;
  }

  async finished(id: number): Promise<FinishedExport | undefined> {
    return this.jobs.find((job) => job.id === id)?.result;
  }

  /** A job has no request. It runs with the contexts of the user who asked for it. */
  private run(job: ExportJob): void {
    const contexts = contextsOf(users.find(({ id }) => id === job.user)) ?? {};
    job.finish(this.context.run(contexts, () => this.writer.write()));
  }
}
