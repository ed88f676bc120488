import { Test } from '@nestjs/testing';
import { QuonfigService } from 'nestjs-quonfig';
import { createTestQuonfig } from 'nestjs-quonfig/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppModule } from '../src/app.module.js';

// The whole application, with the service of the test in place of its own.
const quonfig = createTestQuonfig({
  'catalog.audiobooks': false,
  'catalog.order': 'ascending',
  'catalog.page-size': 2,
  'catalog.title': 'Books',
});
const testing = await Test.createTestingModule({ imports: [AppModule] })
  .overrideProvider(QuonfigService)
  .useValue(quonfig)
  .compile();
const app = testing.createNestApplication();

beforeAll(() => app.listen(0, '127.0.0.1'));
afterEach(() => quonfig.reset());
afterAll(() => app.close());

const get = async (path: string, plan = 'free') => {
  const response = await fetch(`${await app.getUrl()}${path}`, { headers: { 'x-plan': plan } });
  return { status: response.status, body: (await response.json()) as unknown };
};

describe('books', () => {
  it('customers on the pro plan see more books', async () => {
    quonfig.setFor({ user: { plan: 'pro' } }, 'catalog.page-size', 3);
    expect((await get('/books', 'pro')).body).toMatchObject({
      books: ['Dracula', 'Emma', 'Frankenstein'],
    });
    expect((await get('/books')).body).toMatchObject({ books: ['Dracula', 'Emma'] });
  });

  it('the title follows the config and is read with the contexts of the request', async () => {
    quonfig.set('catalog.title', 'Classics');
    expect((await get('/books', 'pro')).body).toMatchObject({ title: 'Classics' });
    expect(quonfig.reads('catalog.title')).toMatchObject([
      { value: 'Classics', contexts: { user: { plan: 'pro' } } },
    ]);
  });
});

describe('audiobooks', () => {
  it('do not exist while the flag is off', async () => {
    expect((await get('/audiobooks')).status).toBe(404);
  });

  it('exist while it is on', async () => {
    await quonfig.with({ 'catalog.audiobooks': true }, async () => {
      expect((await get('/audiobooks')).status).toBe(200);
    });
    expect((await get('/audiobooks')).status).toBe(404);
  });
});

describe('health', () => {
  it('flags are outdated while the API is unreachable, and books are still served', async () => {
    expect((await get('/health')).body).toEqual({ flags: 'current' });
    quonfig.fail('disconnected');
    expect((await get('/health')).body).toEqual({ flags: 'outdated' });
    expect((await get('/books')).status).toBe(200);
  });

  it('a refused key is a failure', async () => {
    quonfig.fail('terminal');
    expect((await get('/health')).status).toBe(503);
    quonfig.recover();
    expect((await get('/health')).status).toBe(200);
  });
});
