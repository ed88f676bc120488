import type { InjectionToken, Provider, Type } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { QuonfigParts } from '../client/part-row.js';
import { createParts } from '../client/parts.js';
import { QuonfigService } from '../client/quonfig.service.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { resolveOptions } from '../options/index.js';
import {
  QUONFIG_CALL_SCOPES,
  QUONFIG_HTTP_ENTRY,
  QUONFIG_LIFECYCLE,
  QUONFIG_MISSING_ENTRY_CHECK,
  QUONFIG_PARTS,
  QUONFIG_REQUEST_CONTEXTS,
  QUONFIG_UPDATE_DELIVERY,
} from './quonfig.constants.js';
import { HandlerKeys } from './handler-keys.js';
import { ApplicationContexts } from './context/application-contexts.js';
import { enterOnExternal } from './context/external-entry.js';
import { QuonfigLogger } from './logger/quonfig.logger.js';
import { MissingEntryCheck } from './context/missing-entry-check.js';
import { CallScopes } from './context/call-scopes.js';
import { enterOnHttp, type HttpEntry, leaveScopesOnHttp } from './context/http-entry.js';
import { RequestContexts } from './context/request-contexts.js';
import { GivenOptions } from './given-options.js';
import { INJECTED_PARTS } from './injected-parts.js';
import { Overrides } from './overrides.js';
import { isLoadedLazily } from './lazy-loading.js';
import { type ApplicationState, QuonfigLifecycle } from './quonfig.lifecycle.js';
import { LayeredStore } from '../store/index.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import { UpdateDelivery } from './update-delivery.js';

/** The tokens that a module exports: the parts that applications inject by class, and what our own guards inject. */
export function exportedTokens(name: string | undefined): InjectionToken[] {
  const parts = INJECTED_PARTS.map(({ token }) => token);
  return [QuonfigService, QuonfigLogger, QUONFIG_CALL_SCOPES, ...parts].map((part) =>
    getQuonfigToken(name, part),
  );
}

/** Everything that the module provides for an instance. An application can inject or override any class of the parts table. */
export function instanceProviders(
  name: string | undefined,
  moduleOptions: InjectionToken,
): Provider[] {
  const tokenOf = (part: Type | string): InjectionToken => getQuonfigToken(name, part);
  const parts = tokenOf(QUONFIG_PARTS);
  const updates = tokenOf(QUONFIG_UPDATE_DELIVERY);
  const lifecycle = tokenOf(QUONFIG_LIFECYCLE);
  const requests = tokenOf(QUONFIG_REQUEST_CONTEXTS);
  return [
    {
      provide: parts,
      useFactory: (modules: ModulesContainer, given: GivenOptions | QuonfigModuleOptions) =>
        partsFor(GivenOptions.read(given), new Overrides(modules, parts, tokenOf)),
      inject: [ModulesContainer, moduleOptions],
    },
    // One factory creates all parts: for Nest, resolving what each part needs would take longer than creating it.
    ...INJECTED_PARTS.map(({ token, select }) => ({
      provide: tokenOf(token),
      useFactory: select,
      inject: [parts],
    })),
    {
      provide: updates,
      useFactory: (
        { options: { logger, onUnknownKey }, callbacks, store }: QuonfigParts,
        modules: ModulesContainer,
      ) => {
        const keys = new HandlerKeys(() => store.current?.keys(), logger);
        const checked = onUnknownKey === 'silent' ? undefined : keys;
        return new UpdateDelivery(name, logger, callbacks, modules, checked);
      },
      inject: [parts, ModulesContainer],
    },
    {
      provide: lifecycle,
      useFactory: (
        serviceParts: QuonfigParts,
        updateDelivery: UpdateDelivery,
        moduleRef: ModuleRef,
        modules: ModulesContainer,
        http: HttpAdapterHost,
      ) => {
        const application: ApplicationState = {
          injectedService: () => moduleRef.get(getQuonfigToken(name)),
          isLoadedLazily: (life) => isLoadedLazily(modules, life),
          hasHttpServer: () => Boolean(http.httpAdapter),
        };
        return new QuonfigLifecycle(serviceParts, updateDelivery, application, name);
      },
      inject: [parts, updates, ModuleRef, ModulesContainer, HttpAdapterHost],
    },
    {
      provide: requests,
      useFactory: (
        { options: { context, logger }, ambient }: QuonfigParts,
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
      inject: [parts, ModulesContainer, ExternalContextCreator],
    },
    {
      provide: tokenOf(QUONFIG_MISSING_ENTRY_CHECK),
      useFactory: (
        { options: { context, logger } }: QuonfigParts,
        modules: ModulesContainer,
        http: HttpAdapterHost,
      ) => context && new MissingEntryCheck(modules, () => Boolean(http.httpAdapter), logger),
      inject: [parts, ModulesContainer, HttpAdapterHost],
    },
    {
      provide: tokenOf(QUONFIG_CALL_SCOPES),
      useFactory: ({ warnOnce }: QuonfigParts, contexts: RequestContexts | undefined) =>
        new CallScopes(contexts, warnOnce),
      inject: [parts, { token: requests, optional: true }],
    },
    {
      provide: QUONFIG_HTTP_ENTRY,
      useFactory: (
        { store }: QuonfigParts,
        contexts: RequestContexts | undefined,
        http: HttpAdapterHost,
      ): HttpEntry => ({
        open: () => {
          if (store instanceof LayeredStore) leaveScopesOnHttp(http.httpAdapter, store);
          if (contexts) enterOnHttp(http.httpAdapter, contexts);
        },
      }),
      inject: [parts, { token: requests, optional: true }, HttpAdapterHost],
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

function partsFor(given: QuonfigModuleOptions, overrides: Overrides): QuonfigParts {
  const { service } = overrides;
  if (service === undefined) return createParts(resolveOptions(given), overrides.parts);
  // The application still says who is asking, unless the test does.
  const options = { ...service.options, context: service.options.context ?? given.context };
  return createParts(options, service);
}
