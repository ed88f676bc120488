import { Injectable } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

/** Reads without passing contexts, like a service of a request: here, those of the job apply. */
@Injectable()
export class ExportWriter {
  constructor(private readonly quonfig: QuonfigService) {}

  /** Returns the number of rows. */
  write(): number {
    return this.quonfig.getNumber('exports.max-rows');
  }
}
