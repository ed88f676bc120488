import type { FactoryProvider, InjectionToken, Provider, Type } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { createPart, PARTS, type ServiceParts, SERVICE_PARTS } from '../client/parts.js';
import type { PartRow } from '../client/part-row.js';
import { QuonfigService } from '../client/quonfig.service.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { type ResolvedOptions, resolveOptions } from '../options/index.js';
import {
  QUONFIG_CALL_SCOPES,
  QUONFIG_HTTP_ENTRY,
  QUONFIG_LIFECYCLE,
  QUONFIG_MISSING_ENTRY_CHECK,
  QUONFIG_OPTIONS,
  QUONFIG_OVERRIDING_PARTS,
  QUONFIG_REQUEST_CONTEXTS,
  QUONFIG_UPDATE_DELIVERY,
} from './quonfig.constants.js';
import { HandlerKeys } from './handler-keys.js';
import type { AmbientContexts } from '../client/ambient-contexts.js';
import { ApplicationContexts } from './context/application-contexts.js';
import { enterOnExternal } from './context/external-entry.js';
import { QuonfigLogger } from './logger/quonfig.logger.js';
import { MissingEntryCheck } from './context/missing-entry-check.js';
import { CallScopes } from './context/call-scopes.js';
import { enterOnHttp, type HttpEntry, leaveScopesOnHttp } from './context/http-entry.js';
import { RequestContexts } from './context/request-contexts.js';
import { GivenOptions } from './given-options.js';
import { overridingParts } from './overriding-service.js';
import { isLoadedLazily } from './lazy-loading.js';
import { type ApplicationState, QuonfigLifecycle } from './quonfig.lifecycle.js';
import { LayeredStore } from '../store/index.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import { UpdateDelivery } from './update-delivery.js';

type OverridingParts = NonNullable<ReturnType<typeof overridingParts>>;

/** The tokens that a module exports: the parts that applications inject by class, and what our own guards inject. */
export function exportedTokens(name: string | undefined): InjectionToken[] {
  const classes = PARTS.map(({ token }) => token).filter((token) => typeof token !== 'string');
  const parts = [QuonfigService, QuonfigLogger, QUONFIG_CALL_SCOPES, ...(classes as Type[])];
  return parts.map((part) => getQuonfigToken(name, part));
}

/** One provider for each part of an instance: an application can inject or override any of them. */
export function instanceProviders(
  name: string | undefined,
  moduleOptions: InjectionToken,
): Provider[] {
  const tokenOf = (part: Type | string): InjectionToken => getQuonfigToken(name, part);
  const tokens: Record<string, InjectionToken> = { options: tokenOf(QUONFIG_OPTIONS) };
  for (const part of PARTS) tokens[part.name] = tokenOf(part.token as Type | string);
  const inject = (names: readonly string[]): InjectionToken[] => names.map((part) => tokens[part]!);

  const overridden = tokenOf(QUONFIG_OVERRIDING_PARTS);

  const partProvider = (part: PartRow): FactoryProvider => {
    const names = [...part.needs, ...part.uses];
    return {
      provide: tokens[part.name]!,
      useFactory: (
        overriding: OverridingParts | undefined,
        options: ResolvedOptions,
        ...parts: unknown[]
      ) => overriding?.[part.name] ?? createPart(part, options, named(names, parts)),
      inject: [{ token: overridden, optional: true }, ...inject(['options', ...names])],
    };
  };
  const updates = tokenOf(QUONFIG_UPDATE_DELIVERY);
  const lifecycle = tokenOf(QUONFIG_LIFECYCLE);
  const requests = tokenOf(QUONFIG_REQUEST_CONTEXTS);
  return [
    {
      provide: overridden,
      useFactory: (modules: ModulesContainer) =>
        overridingParts(modules, getQuonfigToken(name), tokens['options']!),
      inject: [ModulesContainer],
    },
    {
      provide: tokens['options']!,
      useFactory: (
        overriding: OverridingParts | undefined,
        given: GivenOptions | QuonfigModuleOptions,
      ) => {
        const options = GivenOptions.read(given);
        if (overriding === undefined) return resolveOptions(options);
        // The application still says who is asking, unless the test does.
        return { ...overriding.options, context: overriding.options.context ?? options.context };
      },
      inject: [{ token: overridden, optional: true }, moduleOptions],
    },
    ...PARTS.map(partProvider),
    {
      provide: updates,
      useFactory: (
        { logger, onUnknownKey }: ResolvedOptions,
        callbacks: ServiceParts['callbacks'],
        store: ServiceParts['store'],
        modules: ModulesContainer,
      ) => {
        const keys = new HandlerKeys(() => store.current?.keys(), logger);
        const checked = onUnknownKey === 'silent' ? undefined : keys;
        return new UpdateDelivery(name, logger, callbacks, modules, checked);
      },
      inject: [...inject(['options', 'callbacks', 'store']), ModulesContainer],
    },
    {
      provide: lifecycle,
      useFactory: (
        updateDelivery: UpdateDelivery,
        moduleRef: ModuleRef,
        modules: ModulesContainer,
        http: HttpAdapterHost,
        ...parts: unknown[]
      ) => {
        const application: ApplicationState = {
          injectedService: () => moduleRef.get(getQuonfigToken(name)),
          isLoadedLazily: (life) => isLoadedLazily(modules, life),
          hasHttpServer: () => Boolean(http.httpAdapter),
        };
        const serviceParts = named(SERVICE_PARTS, parts) as unknown as ServiceParts;
        return new QuonfigLifecycle(serviceParts, updateDelivery, application, name);
      },
      inject: [updates, ModuleRef, ModulesContainer, HttpAdapterHost, ...inject(SERVICE_PARTS)],
    },
    {
      provide: requests,
      useFactory: (
        { context, logger }: ResolvedOptions,
        ambient: AmbientContexts,
        modules: ModulesContainer,
        external: ExternalContextCreator,
      ) => {
        if (!context) return undefined;
        const contexts = new RequestContexts(context, ambient, logger);
        const application = ApplicationContexts.of(modules);
        application.add(contexts);
        enterOnExternal(external, application);
        return contexts;
      },
      inject: [...inject(['options', 'ambient']), ModulesContainer, ExternalContextCreator],
    },
    {
      provide: tokenOf(QUONFIG_MISSING_ENTRY_CHECK),
      useFactory: (
        { context, logger }: ResolvedOptions,
        modules: ModulesContainer,
        http: HttpAdapterHost,
      ) => context && new MissingEntryCheck(modules, () => Boolean(http.httpAdapter), logger),
      inject: [...inject(['options']), ModulesContainer, HttpAdapterHost],
    },
    {
      provide: tokenOf(QUONFIG_CALL_SCOPES),
      useFactory: (contexts: RequestContexts | undefined, warnOnce: (message: string) => void) =>
        new CallScopes(contexts, warnOnce),
      inject: [{ token: requests, optional: true }, ...inject(['warnOnce'])],
    },
    {
      provide: QUONFIG_HTTP_ENTRY,
      useFactory: (
        contexts: RequestContexts | undefined,
        http: HttpAdapterHost,
        store: ServiceParts['store'],
      ): HttpEntry => ({
        open: () => {
          if (store instanceof LayeredStore) leaveScopesOnHttp(http.httpAdapter, store);
          if (contexts) enterOnHttp(http.httpAdapter, contexts);
        },
      }),
      inject: [{ token: requests, optional: true }, HttpAdapterHost, ...inject(['store'])],
    },
    {
      provide: getQuonfigToken(name),
      useFactory: (loading: QuonfigLifecycle) => loading.load(),
      inject: [lifecycle],
    },
    {
      provide: tokenOf(QuonfigLogger),
      useFactory: (quonfig: QuonfigService) => new QuonfigLogger(quonfig),
      inject: [getQuonfigToken(name)],
    },
  ];
}

function named(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
