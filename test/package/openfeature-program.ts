import { program, tsconfig } from './applications.js';

const body = `
class AppModule {}
Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  await OpenFeature.setProviderAndWait(new QuonfigProvider(app.get(QuonfigService)));
  const client = OpenFeature.getClient();
  const anna = await client.getStringValue('greeting', 'none', { 'user.key': 'anna' });
  console.log(anna + ', ' + (await client.getStringValue('greeting', 'none')));
  await app.close();
}
`;

const imports = [
  ['Module', '@nestjs/common'],
  ['NestFactory', '@nestjs/core'],
  ['OpenFeature', '@openfeature/server-sdk'],
  ['QuonfigModule, QuonfigService', 'nestjs-quonfig'],
  ['QuonfigProvider', 'nestjs-quonfig/openfeature'],
];

const typed = `import type { INestApplicationContext } from '@nestjs/common';
import { type Client, OpenFeature, type Provider } from '@openfeature/server-sdk';
import { InjectQuonfig, QuonfigService } from 'nestjs-quonfig';
import { QuonfigProvider, type QuonfigProviderOptions } from 'nestjs-quonfig/openfeature';

interface Billing {
  'invoice.limit': number;
}

export async function connect(app: INestApplicationContext): Promise<Client> {
  const quonfig = app.get(QuonfigService);
  await OpenFeature.setProviderAndWait(new QuonfigProvider(quonfig));
  return OpenFeature.getClient();
}

export class Domains {
  constructor(@InjectQuonfig('billing') private readonly billing: QuonfigService<Billing>) {}

  provider(options?: QuonfigProviderOptions): Provider {
    return new QuonfigProvider(this.billing, options);
  }
}

export const options: QuonfigProviderOptions[] = [
  {},
  { targetingKeyMapping: 'user.key', staleAfterMs: 60_000 },
  { targetingKeyMapping: undefined, staleAfterMs: undefined, onTrack: undefined },
  { onTrack: (event, { targetingKey }, { value }) => console.log(event, targetingKey, value) },
  { onTrack: async (event) => void (await Promise.resolve(event)) },
];
// @ts-expect-error The mapping is a string.
export const wrong: QuonfigProviderOptions = { targetingKeyMapping: 5 };
`;

/** Sets the provider of the subpath and prints the greeting for Anna and the one without a context. */
export const openFeatureConsumer: Record<string, string> = {
  'package.json': '{ "name": "consumer", "private": true }',
  'openfeature.mjs': program('esm', imports, body),
  'openfeature.cjs': program('cjs', imports, body),
  'openfeature.mts': typed,
  'openfeature.cts': typed,
  'tsconfig.openfeature.json': tsconfig({ module: 'NodeNext' }, [
    'openfeature.mts',
    'openfeature.cts',
  ]),
};
