/**
 * An application with the module, decorators and clients of `@openfeature/nestjs-sdk`. For both platforms, and for contexts of
 * this package and of OpenFeature, it prints the answers of two users, and how many of 200 concurrent ones are wrong.
 */
export const nestSdkProgram = `import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  BooleanFeatureFlag, type Client, type EvaluationDetails, type FlagValue, NumberFeatureFlag, ObjectFeatureFlag, OpenFeature, OpenFeatureClient,
  OpenFeatureModule, ProviderStatus, RequireFlagsEnabled, StringFeatureFlag,
} from '@openfeature/nestjs-sdk';
import { getQuonfigToken, QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { QuonfigProvider } from 'nestjs-quonfig/openfeature';
import { lastValueFrom, type Observable } from 'rxjs';

const constant = (key: string, type: string, value: unknown) => ({
  key, type: 'config', valueType: type, default: { rules: [{ value: { type, value } }] },
});
const forPlan = (key: string, plan: string) => ({
  key, type: 'feature_flag', valueType: 'bool',
  default: {
    rules: [
      {
        criteria: [{ operator: 'PROP_IS_ONE_OF', propertyName: 'user.plan', valueToMatch: { type: 'string_list', value: [plan] } }],
        value: { type: 'bool', value: true },
      },
      { value: { type: 'bool', value: false } },
    ],
  },
});
const configs = [
  forPlan('pro', 'pro'), forPlan('free', 'free'),
  constant('title', 'string', 'Search'), constant('limit', 'int', 20), constant('tags', 'string_list', ['a']),
] as never;
const billing = [constant('rate', 'double', 0.2)] as never;

type Flag<T extends FlagValue> = Observable<EvaluationDetails<T>>;

@Controller()
class SearchController {
  constructor(
    @OpenFeatureClient() private readonly client: Client,
    @OpenFeatureClient({ domain: 'billing' }) private readonly billing: Client,
  ) {}

  @Get('values')
  async values(
    @BooleanFeatureFlag({ flagKey: 'pro', defaultValue: false }) pro: Flag<boolean>,
    @StringFeatureFlag({ flagKey: 'title', defaultValue: '' }) title: Flag<string>,
    @NumberFeatureFlag({ flagKey: 'limit', defaultValue: 0 }) limit: Flag<number>,
    @ObjectFeatureFlag({ flagKey: 'tags', defaultValue: [] }) tags: Flag<never>,
  ) {
    const details = await Promise.all([pro, title, limit, tags].map((flag) => lastValueFrom<{ value: unknown }>(flag)));
    return [...details.map(({ value }) => value), await this.client.getBooleanValue('pro', false), await this.billing.getNumberValue('rate', 0)];
  }

  @Get('pro-only')
  @RequireFlagsEnabled({ flags: [{ flagKey: 'pro' }] })
  proOnly() {
    return 'welcome';
  }
}

const userOf = (request: { headers: Record<string, string> }) => request.headers['x-plan'];

/** Contexts from the option \`context\` of this package, or from OpenFeature's contextFactory. */
function moduleOf(source: 'quonfig' | 'openfeature') {
  @Module({
    imports: [
      QuonfigModule.forRoot({
        datafile: { meta: { version: 'v1', environment: 'test' }, configs },
        logger: { warn() {}, error() {} },
        ...(source === 'quonfig' && { context: ({ request }: any) => ({ user: { plan: userOf(request) } }) }),
      }),
      QuonfigModule.forRoot({
        name: 'billing',
        datafile: { meta: { version: 'v1', environment: 'test' }, configs: billing },
        logger: { warn() {}, error() {} },
      }),
      OpenFeatureModule.forRoot({
        providers: {},
        ...(source === 'openfeature' && {
          contextFactory: (context: any) => ({ 'user.plan': userOf(context.switchToHttp().getRequest()) }),
        }),
      }),
    ],
    controllers: [SearchController],
    providers: [
      // OpenFeatureModule has no token for a domain without a provider.
      { provide: 'OpenFeatureClient_billing', useFactory: () => OpenFeature.getClient('billing') },
    ],
  })
  class AppModule {}
  return AppModule;
}

for (const adapter of [() => new ExpressAdapter(), () => new FastifyAdapter()]) {
  for (const source of ['quonfig', 'openfeature'] as const) {
    const app = await NestFactory.create(moduleOf(source), adapter() as ExpressAdapter, { logger: ['error'] });
    await OpenFeature.setProviderAndWait(new QuonfigProvider(app.get(QuonfigService)));
    await OpenFeature.setProviderAndWait('billing', new QuonfigProvider(app.get(getQuonfigToken('billing'))));
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const get = async (path: string, plan: string) => {
      const response = await fetch(url + path, { headers: { 'x-plan': plan } });
      return response.status + ' ' + (await response.text());
    };
    const label = app.getHttpAdapter().getType() + ', ' + source + ': ';
    console.log(label + (await get('/values', 'pro')) + ' ' + (await get('/values', 'free')));
    console.log(label + (await get('/pro-only', 'pro')) + ', ' + (await get('/pro-only', 'free')).slice(0, 3));
    const plans = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 'pro' : 'free'));
    const answers = await Promise.all(plans.map((plan) => get('/values', plan)));
    const wrong = answers.filter((answer, index) => answer.includes('[true') !== (plans[index] === 'pro'));
    console.log(label + wrong.length + ' of 200 wrong');
    await app.close();
    await OpenFeature.clearProviders();
  }
}
`;
