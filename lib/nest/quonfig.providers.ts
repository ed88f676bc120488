import type { InjectionToken, Provider, Type } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { QuonfigParts } from '../client/part-row.js';
import { createParts } from '../client/parts.js';
import { QuonfigService } from '../client/quonfig.service.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { resolveOptions } from '../options/index.js';
import {
  QUONFIG_CALL_SCOPES,
  QUONFIG_LIFECYCLE,
  QUONFIG_PARTS,
  QUONFIG_REQUEST_ENTRY,
} from './quonfig.constants.js';
import { QuonfigLogger } from './logger/quonfig.logger.js';
import { RequestEntry } from './context/request-entry.js';
import { GivenOptions } from './given-options.js';
import { INJECTED_PARTS } from './injected-parts.js';
import { Overrides } from './overrides.js';
import { isLoadedLazily } from './lazy-loading.js';
import { type ApplicationState, QuonfigLifecycle } from './quonfig.lifecycle.js';
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
  const lifecycle = tokenOf(QUONFIG_LIFECYCLE);
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
      provide: lifecycle,
      useFactory: (
        allParts: QuonfigParts,
        moduleRef: ModuleRef,
        modules: ModulesContainer,
        http: HttpAdapterHost,
      ) => {
        const application: ApplicationState = {
          injectedService: () => moduleRef.get(getQuonfigToken(name)),
          isLoadedLazily: (life) => isLoadedLazily(modules, life),
          hasHttpServer: () => Boolean(http.httpAdapter),
        };
        const updates = new UpdateDelivery(name, allParts, modules);
        return new QuonfigLifecycle(allParts, updates, application, name);
      },
      inject: [parts, ModuleRef, ModulesContainer, HttpAdapterHost],
    },
    {
      // The token has no name: the module class asks for it, and does not know the name of its instance.
      provide: QUONFIG_REQUEST_ENTRY,
      useFactory: (
        allParts: QuonfigParts,
        modules: ModulesContainer,
        http: HttpAdapterHost,
        external: ExternalContextCreator,
      ) => new RequestEntry(allParts, modules, http, external),
      inject: [parts, ModulesContainer, HttpAdapterHost, ExternalContextCreator],
    },
    {
      provide: tokenOf(QUONFIG_CALL_SCOPES),
      useFactory: ({ scopes }: RequestEntry) => scopes,
      inject: [QUONFIG_REQUEST_ENTRY],
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
