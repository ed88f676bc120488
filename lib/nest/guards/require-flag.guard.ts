import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type InjectionToken,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { QuonfigService } from '../../client/quonfig.service.js';
import { QuonfigError } from '../../errors/index.js';
import { CallScopes } from '../context/call-scopes.js';
import { QUONFIG_CALL_SCOPES } from '../quonfig.constants.js';
import { getQuonfigToken } from '../quonfig.tokens.js';
import { deniedError } from './denied-error.js';
import { FlagReads, type FlagService } from './flag-reads.js';
import { flagUnavailable, instanceMissing } from './guards.messages.js';
import { type FlagRule, flagRulesOn } from './required-flags.js';

/** One instance, as the guard reads it. */
interface GuardedInstance {
  readonly service: FlagService;
  /** Absent where a test provides only the service. */
  readonly scopes: CallScopes | undefined;
}

/**
 * The guard behind `@RequireFlag`, which adds it to the class or method. Nest creates it, so a test can override it with
 * `overrideGuard(RequireFlagGuard)`. As `APP_GUARD` it also checks every handler before the guards of its class.
 *
 * @publicApi
 */
@Injectable()
export class RequireFlagGuard implements CanActivate {
  private readonly instances = new Map<string | undefined, GuardedInstance>();
  /** Calls whose class has been checked, while the method is still to come. */
  private readonly classChecked = new WeakSet<ExecutionContext>();
  private attached: boolean | undefined;

  /** @internal */
  constructor(
    @Optional() @Inject(QuonfigService) service: FlagService | undefined,
    @Optional() @Inject(QUONFIG_CALL_SCOPES) scopes: CallScopes | undefined,
    private readonly http: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly modules: ModulesContainer,
  ) {
    if (service) this.instances.set(undefined, { service, scopes });
  }

  /**
   * Checks what `@RequireFlag` requires for the handler, with the contexts of the call.
   *
   * @throws {HttpException} denied; of the kind that the transport and the options of `@RequireFlag` select
   * @throws {QuonfigError} `unknown_instance`: no module provides the instance that `@RequireFlag` names
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.check(this.rulesAt(context), 0, context);
  }

  private check(
    rules: readonly FlagRule[],
    index: number,
    context: ExecutionContext,
  ): boolean | Promise<boolean> {
    const rule = rules[index];
    if (rule === undefined) return true;
    const proceed = (allowed: boolean): boolean | Promise<boolean> =>
      allowed ? this.check(rules, index + 1, context) : this.deny(rule, context);
    const allowed = this.isAllowed(rule, context);
    return typeof allowed === 'boolean' ? proceed(allowed) : allowed.then(proceed);
  }

  private isAllowed(rule: FlagRule, context: ExecutionContext): boolean | Promise<boolean> {
    const { service, scopes } = this.instance(rule.required.instance);
    const evaluate = (): boolean => {
      const reads = new FlagReads(service);
      const verdict = rule.holds(reads);
      if (verdict !== undefined) return verdict;
      const { whenUnavailable = 'deny' } = rule.options;
      scopes?.warnOnce(flagUnavailable(rule.required.keys, reads.failure ?? '', whenUnavailable));
      return whenUnavailable === 'allow';
    };
    return scopes ? scopes.within(context, evaluate) : evaluate();
  }

  private async deny(rule: FlagRule, context: ExecutionContext): Promise<never> {
    throw await deniedError(context, rule.options, this.http);
  }

  /**
   * The rules to check at this place in the chain of guards. A guard in between may authenticate the user whom the method's
   * flag is for, so class and method are each checked in their own place.
   */
  private rulesAt(context: ExecutionContext): readonly FlagRule[] {
    const ofClass = flagRulesOn(context.getClass());
    const ofMethod = flagRulesOn(context.getHandler());
    if (ofClass.length === 0) return ofMethod;
    if (ofMethod.length === 0) return ofClass;
    if (!this.isAttached()) return [...ofClass, ...ofMethod];
    // All guards of one call get the same ExecutionContext.
    if (this.classChecked.delete(context)) return ofMethod;
    this.classChecked.add(context);
    return ofClass;
  }

  /** Whether `@RequireFlag` added this guard; otherwise it is a global one. */
  private isAttached(): boolean {
    this.attached ??= [...this.modules.values()].some(
      ({ injectables }) => injectables.get(RequireFlagGuard)?.instance === this,
    );
    return this.attached;
  }

  private instance(name: string | undefined): GuardedInstance {
    const known = this.instances.get(name);
    if (known !== undefined) return known;
    const service = this.find(getQuonfigToken(name)) as FlagService | undefined;
    if (service === undefined) {
      throw new QuonfigError('unknown_instance', instanceMissing(name));
    }
    const scopes = this.find(getQuonfigToken(name, QUONFIG_CALL_SCOPES)) as CallScopes | undefined;
    const found = { service, scopes };
    this.instances.set(name, found);
    return found;
  }

  private find(token: InjectionToken): unknown {
    try {
      return this.moduleRef.get<unknown>(token as string, { strict: false });
    } catch {
      return undefined;
    }
  }
}
