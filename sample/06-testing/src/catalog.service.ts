import { Injectable } from '@nestjs/common';
import { Live, type LiveValue, OnQuonfigUpdate, QuonfigService } from 'nestjs-quonfig';

const BOOKS = ['Emma', 'Dracula', 'Ulysses', 'Walden', 'Middlemarch', 'Frankenstein'];

@Injectable()
export class CatalogService {
  @Live('catalog.page-size', 2) private readonly pageSize!: LiveValue<number>;
  private cached: readonly string[] | undefined;

  constructor(private readonly quonfig: QuonfigService) {}

  page(): readonly string[] {
    return this.sorted().slice(0, this.pageSize.value);
  }

  /** Sorting takes long, so its result is kept until the order changes. */
  private sorted(): readonly string[] {
    const descending = this.quonfig.getString('catalog.order') === 'descending';
    this.cached ??= [...BOOKS].sort((one, other) =>
      descending ? other.localeCompare(one) : one.localeCompare(other),
    );
    return this.cached;
  }

  @OnQuonfigUpdate('catalog.order')
  forget(): void {
    this.cached = undefined;
  }
}
