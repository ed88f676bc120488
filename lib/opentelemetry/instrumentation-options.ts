import { InvalidOptionsError, type QuonfigService } from '../index.js';
import { contextProperty } from './event-attributes.js';
import type { EventSettings } from './evaluation-events.js';
import { noService, wrongOption } from './opentelemetry.messages.js';

/**
 * Options of {@link instrumentQuonfig}.
 *
 * @publicApi
 */
export interface QuonfigInstrumentationOptions {
  /**
   * Whether an evaluation becomes a log record with the name of the event, as the semantic conventions say, an event of the
   * span, or both. Default: `'log'`.
   */
  recordAs?: 'log' | 'spanEvent' | 'both' | undefined;
  /**
   * Whether every evaluation is recorded. Default: `false`, only the first of each key in each span that is recorded. With
   * `true`, log records are also emitted outside of such spans.
   */
  every?: boolean | undefined;
  /** Whether events have the value, unless it is secret. Default: `false`. */
  values?: boolean | undefined;
  /** The property that identifies whom an evaluation was for, e.g. `user.key`. Default: none, events do not have it. */
  contextId?: string | undefined;
  /** Value of the attribute `quonfig.instance`, to distinguish several services. Default: no such attribute. */
  name?: string | undefined;
}

/** @throws {InvalidOptionsError} `invalid_options`: names all problems */
export function checkedSettings(
  service: QuonfigService,
  options: QuonfigInstrumentationOptions,
): EventSettings {
  const { recordAs = 'log', every = false, values = false, contextId, name } = options;
  const problems: string[] = [];
  if (typeof (service as Partial<QuonfigService> | undefined)?.getBoolDetails !== 'function') {
    problems.push(noService);
  }
  if (!['log', 'spanEvent', 'both'].includes(recordAs)) {
    problems.push(wrongOption('recordAs', '"log", "spanEvent" or "both"'));
  }
  if (typeof every !== 'boolean') problems.push(wrongOption('every', 'true or false'));
  if (typeof values !== 'boolean') problems.push(wrongOption('values', 'true or false'));
  if (!isOptionalText(contextId)) {
    problems.push(wrongOption('contextId', 'a property path such as "user.key"'));
  }
  if (!isOptionalText(name)) problems.push(wrongOption('name', 'a string'));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return {
    asLog: recordAs !== 'spanEvent',
    asSpanEvent: recordAs !== 'log',
    every,
    values,
    contextId: contextId === undefined ? undefined : contextProperty(contextId),
    name,
  };
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}
