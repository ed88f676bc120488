import type { ModulesContainer } from '@nestjs/core';
import type { Observable } from 'rxjs';
import type { SdkLogger } from '../../interfaces/index.js';
import { ApplicationContexts } from './application-contexts.js';
import { entryMissing } from './context.messages.js';

/** Metadata of classes with `@WebSocketGateway`. */
const GATEWAY_METADATA = 'websockets:is_gateway';

/** Warns if messages need `enableQuonfigContext`, once per application. */
export function warnOfMissingEntry(
  modules: ModulesContainer,
  hasHttpServer: boolean,
  logger: Pick<SdkLogger, 'warn'>,
): void {
  const application = ApplicationContexts.of(modules);
  if (application.enabled || application.warned) return;
  const withMicroservice = hasMicroservice(modules);
  // Nest binds no gateways without a server.
  const withGateway = (withMicroservice || hasHttpServer) && hasGateway(modules);
  const parts = [withMicroservice && 'a microservice', withGateway && 'gateways'].filter(Boolean);
  if (parts.length === 0) return;
  application.warned = true;
  logger.warn(entryMissing(parts.join(' and ')));
}

function hasMicroservice(modules: ModulesContainer): boolean {
  // Nest before 11.1.4 keeps no such list.
  const targets: Partial<RpcTargets> = modules;
  let found = false;
  targets
    .getRpcTargetRegistry?.()
    .subscribe(() => (found = true))
    .unsubscribe();
  return found;
}

function hasGateway(modules: ModulesContainer): boolean {
  for (const { providers } of modules.values()) {
    for (const { metatype } of providers.values()) {
      if (typeof metatype === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, metatype)) {
        return true;
      }
    }
  }
  return false;
}

interface RpcTargets {
  getRpcTargetRegistry(): Observable<unknown>;
}
