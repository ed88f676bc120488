import type { OnApplicationBootstrap } from '@nestjs/common';
import type { ExternalContextCreator, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { QuonfigParts } from '../../client/part-row.js';
import { LayeredStore } from '../../store/index.js';
import { ApplicationContexts } from './application-contexts.js';
import { CallScopes } from './call-scopes.js';
import { enterOnExternal } from './external-entry.js';
import { enterOnHttp, leaveScopesOnHttp } from './http-entry.js';
import { warnOfMissingEntry } from './missing-entry.js';
import { RequestContexts } from './request-contexts.js';

/** Where the requests of an application get their contexts for one instance. */
export class RequestEntry implements OnApplicationBootstrap {
  readonly scopes: CallScopes;
  /** Absent without the option `context`. */
  private readonly contexts: RequestContexts | undefined;

  constructor(
    private readonly parts: QuonfigParts,
    private readonly modules: ModulesContainer,
    private readonly http: HttpAdapterHost,
    external: ExternalContextCreator,
  ) {
    const { ambient, options, warnOnce } = parts;
    if (options.context) {
      this.contexts = new RequestContexts(options.context, ambient, options.logger);
      const application = ApplicationContexts.of(modules);
      application.add(this.contexts);
      enterOnExternal(external, application);
    }
    this.scopes = new CallScopes(this.contexts, warnOnce);
  }

  /** Lets HTTP requests run with their contexts. It must be called before routes are registered. */
  open(): void {
    const { store } = this.parts;
    const { httpAdapter } = this.http;
    if (store instanceof LayeredStore) leaveScopesOnHttp(httpAdapter, store);
    if (this.contexts) enterOnHttp(httpAdapter, this.contexts);
  }

  onApplicationBootstrap(): void {
    if (!this.contexts) return;
    warnOfMissingEntry(this.modules, Boolean(this.http.httpAdapter), this.parts.options.logger);
  }
}
