import type { OnApplicationBootstrap } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Observable } from 'rxjs';
import type { SdkLogger } from '../../interfaces/index.js';
import { ApplicationContexts } from './application-contexts.js';
import { entryMissing } from './context.messages.js';

/** Metadata of classes with `@WebSocketGateway`. */
const GATEWAY_METADATA = 'websockets:is_gateway';

/** Warns at start if messages need `enableQuonfigContext`, once per application. */
export class MissingEntryCheck implements OnApplicationBootstrap {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly hasHttpServer: () => boolean,
    private readonly logger: Pick<SdkLogger, 'warn'>,
  ) {}

  onApplicationBootstrap(): void {
    const application = ApplicationContexts.of(this.modules);
    if (application.enabled || application.warned) return;
    const hasMicroservice = this.hasMicroservice();
    // Nest binds no gateways without a server.
    const hasGateway = (hasMicroservice || this.hasHttpServer()) && this.hasGateway();
    const parts = [hasMicroservice && 'a microservice', hasGateway && 'gateways'].filter(Boolean);
    if (parts.length === 0) return;
    application.warned = true;
    this.logger.warn(entryMissing(parts.join(' and ')));
  }

  private hasMicroservice(): boolean {
    // Nest before 11.1.4 keeps no such list.
    const modules: Partial<RpcTargets> = this.modules;
    let found = false;
    modules
      .getRpcTargetRegistry?.()
      .subscribe(() => (found = true))
      .unsubscribe();
    return found;
  }

  private hasGateway(): boolean {
    for (const { providers } of this.modules.values()) {
      for (const { metatype } of providers.values()) {
        if (typeof metatype === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, metatype)) {
          return true;
        }
      }
    }
    return false;
  }
}

interface RpcTargets {
  getRpcTargetRegistry(): Observable<unknown>;
}
