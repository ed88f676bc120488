import { type FactoryProvider, Global, Logger, Module } from '@nestjs/common';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { getQuonfigToken, QuonfigModule, type QuonfigService } from 'nestjs-quonfig';
import { QuonfigProvider, type QuonfigProviderOptions } from 'nestjs-quonfig/openfeature';
import { billing, workspace } from './sources.js';
import { userOf } from './users.js';

export const SHOP_FLAGS = Symbol('client of the shop');
export const BILLING_FLAGS = Symbol('client of the billing team');

/** A client that is ready when it is injected. Each domain has its own named instance. */
function clientFor(
  token: symbol,
  domain: string | undefined,
  options: QuonfigProviderOptions,
): FactoryProvider<Client> {
  return {
    provide: token,
    inject: [getQuonfigToken(domain)],
    useFactory: async (quonfig: QuonfigService) => {
      const provider = new QuonfigProvider(quonfig, options);
      if (domain === undefined) {
        await OpenFeature.setProviderAndWait(provider);
        return OpenFeature.getClient();
      }
      await OpenFeature.setProviderAndWait(domain, provider);
      return OpenFeature.getClient(domain);
    },
  };
}

const analytics = new Logger('Analytics');

/** The only part of the application that names Quonfig: everything else knows OpenFeature alone. */
@Global()
@Module({
  imports: [
    QuonfigModule.forRoot({
      ...workspace,
      dataDirAutoReload: true,
      // Evaluations in a request see its user, and nobody passes a context.
      context: (source) => {
        if (source.type !== 'http') return undefined;
        const { id, plan } = userOf(source.request.headers['x-user']);
        return { user: { key: id, plan } };
      },
    }),
    QuonfigModule.forRoot({ name: 'billing', ...billing }),
  ],
  providers: [
    clientFor(SHOP_FLAGS, undefined, {
      onTrack: (event, _context, { value }) => analytics.log(`${event}: ${value}`),
    }),
    clientFor(BILLING_FLAGS, 'billing', { targetingKeyMapping: 'customer.id' }),
  ],
  exports: [SHOP_FLAGS, BILLING_FLAGS],
})
export class FlagsModule {}
