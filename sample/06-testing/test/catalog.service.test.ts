import { Test } from '@nestjs/testing';
import { QuonfigTestingModule, TestQuonfig } from 'nestjs-quonfig/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CatalogModule } from '../src/catalog.module.js';
import { CatalogService } from '../src/catalog.service.js';

// A part of the application, without its root module.
const app = await Test.createTestingModule({
  imports: [
    QuonfigTestingModule.forValues({ 'catalog.order': 'ascending', 'catalog.page-size': 2 }),
    CatalogModule,
  ],
}).compile();
const quonfig = app.get(TestQuonfig);
const catalog = app.get(CatalogService);

beforeAll(() => app.init());
afterEach(() => quonfig.reset());
afterAll(() => app.close());

it('shows as many books as the config says', () => {
  expect(catalog.page()).toEqual(['Dracula', 'Emma']);
  quonfig.set('catalog.page-size', 1);
  expect(catalog.page()).toEqual(['Dracula']);
});

it('sorts again when the order changes, because set() calls the update handler', () => {
  catalog.page();
  quonfig.set('catalog.order', 'descending');
  expect(catalog.page()).toEqual(['Walden', 'Ulysses']);
});

it('reads the page size again for each page', () => {
  catalog.page();
  catalog.page();
  expect(quonfig.reads('catalog.page-size').map(({ value }) => value)).toEqual([2, 2]);
});

it('a misspelled key fails the test', () => {
  expect(() => quonfig.getNumber('catalog.pagesize', undefined, 10)).toThrow(
    'Did you mean "catalog.page-size"?',
  );
});

it.concurrent.each([1, 3, 5])('concurrent tests stay separate: %i books', async (size) => {
  await quonfig.with({ 'catalog.page-size': size }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(catalog.page()).toHaveLength(size);
  });
});
