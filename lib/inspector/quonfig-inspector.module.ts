import { type CanActivate, type DynamicModule, Inject, Module, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CallbackRunner, getQuonfigToken, QuonfigContext, QuonfigService } from '../index.js';
import { inspectorController } from './inspector.controller.js';
import {
  DEFAULT_PATH,
  type GuardOption,
  guardsOf,
  isProtected,
  type QuonfigInspectorOptions,
} from './inspector-options.js';
import { Inspector } from './inspector.js';
import { LocalOnlyGuard } from './local-only.guard.js';

/**
 * A page that shows why a flag has its value: keys, rules, traces for a context, health and history. It is an ordinary
 * controller of the application: the global prefix, versioning, guards and middleware apply, on Express and Fastify.
 *
 * The page is read-only, unless `overrides` lets testers have other values in their own requests. It never shows
 * confidential values, values from environment variables, or encryption keys.
 *
 * @publicApi
 */
@Module({})
export class QuonfigInspectorModule {
  /** @internal */
  constructor(
    @Inject(Inspector) private readonly inspector: Inspector,
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
  ) {}

  /**
   * Adds the page to the application.
   *
   * In production (`NODE_ENV` is `production`, in any case), the application does not start without `guard`, `authorize` or
   * `allowUnprotected`. Elsewhere, the page then answers only requests from the same machine.
   *
   * @param options where the page is and who may open it; see {@link QuonfigInspectorOptions}. Default `{}`
   * @returns the module, for `imports`. Creating the application rejects with `InvalidOptionsError` (`invalid_options`) if an
   * option is unusable or the page is unprotected in production, and with `QuonfigError` (`unknown_instance`) if no service
   * has the name
   * @example
   * ```ts
   * QuonfigInspectorModule.register({ path: '/quonfig', guard: AdminGuard });
   * ```
   */
  static register(options: QuonfigInspectorOptions = {}): DynamicModule {
    const { path = DEFAULT_PATH, imports = [], name } = options;
    return {
      module: QuonfigInspectorModule,
      imports,
      controllers: [inspectorController(path, guardsFor(options))],
      providers: [
        {
          provide: Inspector,
          useFactory: (
            http: HttpAdapterHost,
            quonfig?: QuonfigService,
            context?: QuonfigContext,
            callbacks?: CallbackRunner,
          ) => Inspector.create(options, http, { quonfig, context, callbacks }),
          inject: [
            HttpAdapterHost,
            // Optional, because the error for a missing one says more than Nest can.
            ...[QuonfigService, QuonfigContext, CallbackRunner].map((part) => ({
              token: getQuonfigToken(name, part as Type),
              optional: true,
            })),
          ],
        },
      ],
    };
  }

  /** @internal Nest calls it after it has registered body parsers, and before routes. */
  configure(): void {
    this.inspector.overrides?.openOn(this.http.httpAdapter);
  }
}

function guardsFor(options: QuonfigInspectorOptions): GuardOption[] {
  const { guard, authorize, allowUnprotected } = options;
  const guards = guardsOf(guard);
  if (authorize !== undefined) {
    const authorizing: CanActivate = {
      canActivate: async (context) => {
        const http = context.switchToHttp();
        const answer: unknown = await authorize(http.getRequest(), http.getResponse());
        // Nest lets anything truthy pass, such as a response that says no.
        return answer === true;
      },
    };
    guards.push(authorizing);
  }
  if (!isProtected(options) && allowUnprotected !== true) guards.push(new LocalOnlyGuard());
  return guards;
}
