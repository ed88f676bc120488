import {
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  Optional,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import type { QuonfigService } from '../../client/quonfig.service.js';
import { QuonfigError } from '../../errors/index.js';
import type { CallScopes } from '../context/call-scopes.js';
import { pendingReadReplaced } from '../nest.messages.js';
import { QUONFIG_CALL_SCOPES } from '../quonfig.constants.js';
import { getQuonfigToken } from '../quonfig.tokens.js';
import { isInstanceOption, type InstanceOption } from './instance-option.js';

/**
 * A pipe for a parameter, or the instance to read from.
 *
 * @publicApi
 */
export type ParameterArgument = Type<PipeTransform> | PipeTransform | InstanceOption;

/** Reads the value of a parameter. */
export type ParameterRead = (service: QuonfigService) => unknown;

/**
 * What `createParamDecorator` returns for the parameter: it has no service. A function, because global pipes, which run
 * first, leave functions alone.
 */
type PendingRead = (service: QuonfigService, scopes: CallScopes | undefined) => unknown;

/** One class of pipe for each instance, since a class has fixed tokens. Nest creates it in every module that uses it. */
const pipes = new Map<string | undefined, Type<PipeTransform>>();

/** Decorates a parameter of a handler with a value that a pipe reads before those of the application. */
export function parameterRead(
  key: string,
  read: ParameterRead,
  given: readonly ParameterArgument[],
): ParameterDecorator {
  const instance = given.find((argument) => isInstanceOption(argument))?.instance;
  const decorate = createParamDecorator((_key: unknown, context: ExecutionContext): PendingRead => {
    return (service, scopes) =>
      scopes ? scopes.within(context, () => read(service)) : read(service);
  });
  const own = given.filter((argument) => !isInstanceOption(argument));
  return decorate(key, pipeFor(instance), ...own);
}

function pipeFor(instance: string | undefined): Type<PipeTransform> {
  let pipe = pipes.get(instance);
  if (pipe === undefined) {
    pipe = pipeOf(instance);
    pipes.set(instance, pipe);
  }
  return pipe;
}

function pipeOf(instance: string | undefined): Type<PipeTransform> {
  @Injectable()
  class ConfigParameterPipe implements PipeTransform {
    constructor(
      @Inject(getQuonfigToken(instance)) private readonly service: QuonfigService,
      @Optional()
      @Inject(getQuonfigToken(instance, QUONFIG_CALL_SCOPES))
      private readonly scopes: CallScopes | undefined,
    ) {}

    transform(pending: unknown): unknown {
      if (typeof pending !== 'function') {
        throw new QuonfigError('parameter_replaced', pendingReadReplaced());
      }
      return (pending as PendingRead)(this.service, this.scopes);
    }
  }
  return ConfigParameterPipe;
}

/** Whether an argument is a pipe, as a class or an object. */
export function isPipe(value: unknown): value is Type<PipeTransform> | PipeTransform {
  if (typeof value === 'function') return typeof value.prototype?.transform === 'function';
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { transform?: unknown }).transform === 'function';
}
