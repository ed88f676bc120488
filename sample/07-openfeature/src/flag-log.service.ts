import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type Client, ProviderEvents } from '@openfeature/server-sdk';
import { SHOP_FLAGS } from './flags.module.js';

/** Logs every evaluation with a hook, and every event of the provider. */
@Injectable()
export class FlagLogService implements OnModuleInit {
  private readonly logger = new Logger('Flags');

  constructor(@Inject(SHOP_FLAGS) private readonly flags: Client) {}

  onModuleInit(): void {
    this.flags.addHooks({
      finally: (_, { flagKey, value, reason, variant = 'no variant' }) =>
        this.logger.log(`${flagKey} is ${JSON.stringify(value)}: ${reason}, ${variant}`),
    });
    this.flags.addHandler(ProviderEvents.Ready, () => this.logger.log('Ready'));
    this.flags.addHandler(ProviderEvents.ConfigurationChanged, (event) =>
      this.logger.log(`Changed: ${event?.flagsChanged?.join(', ')}`),
    );
    this.flags.addHandler(ProviderEvents.Stale, (event) =>
      this.logger.warn(`Stale: ${event?.message}`),
    );
    this.flags.addHandler(ProviderEvents.Error, (event) =>
      this.logger.error(`Error: ${event?.message}`),
    );
  }
}
