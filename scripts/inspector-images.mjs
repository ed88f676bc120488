// Takes the pictures in docs/images of the inspector on the workspace of the demo. Needs Chromium; build first.
import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { chromium } from 'playwright-core';
import { QuonfigModule } from '../dist/index.js';
import { QuonfigInspectorModule } from '../dist/inspector/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs', 'images');
const datadir = join(root, 'sample', 'workspace');
const contexts = { user: { key: 'user-3', country: 'DE', plan: 'pro', emial: 'ada@example.com' } };

/** The inspector as the root module, beside the SDK. */
const application = {
  ...QuonfigInspectorModule.register(),
  imports: [QuonfigModule.forRoot({ datadir, environment: 'development' })],
};

process.loadEnvFile(join(root, 'sample', '01-quickstart', 'demo.env'));
const app = await NestFactory.create(application, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
mkdirSync(images, { recursive: true });

async function picture(name, hash, { ready = '.rules', width = 1200, colorScheme = 'light' } = {}) {
  const viewport = { width, height: width < 500 ? 800 : 720 };
  const page = await browser.newPage({ viewport, colorScheme });
  const query = new URLSearchParams({ contexts: JSON.stringify(contexts) });
  await page.goto(`${await app.getUrl()}/quonfig${hash}?${query}`);
  await page.locator(ready).first().waitFor();
  await page.screenshot({ path: join(images, `inspector-${name}.png`) });
  await page.close();
}

await picture('key', '#/keys/checkout.one-page');
await picture('split', '#/keys/search.semantic', { colorScheme: 'dark' });
await picture('phone', '#/keys/checkout.one-page', { ready: 'h2', width: 360 });
await browser.close();
await app.close();
