import { Controller, Get } from '@nestjs/common';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import { CatalogService } from './catalog.service.js';

@Controller()
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get('books')
  books(@ConfigValue('catalog.title') title: string) {
    return { title, books: this.catalog.page() };
  }

  @Get('audiobooks')
  @RequireFlag('catalog.audiobooks')
  audiobooks() {
    return { books: [] };
  }
}
