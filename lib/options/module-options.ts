import { kindOf } from './kind.js';
import { noFactory, notOptions, wrongKind } from './options.messages.js';

/** Returns the problems with the options as a whole. */
export function checkOptionsObject(options: unknown): string[] {
  if (kindOf(options) === 'an object') return [];
  return [notOptions(kindOf(options), "an object, such as { datadir: './workspace' }")];
}

/** Returns the problems with the options of `forRootAsync`. */
export function checkAsyncOptions(options: unknown): string[] {
  if (kindOf(options) !== 'an object') {
    return [notOptions(kindOf(options), 'an object with a factory')];
  }
  const { useFactory, useClass, useExisting } = options as Record<string, unknown>;
  return useFactory || useClass || useExisting ? [] : [noFactory()];
}

/** Returns the problems with the options of the module rather than the service. */
export function checkExtras(options: unknown): string[] {
  if (kindOf(options) !== 'an object') return [];
  const { isGlobal, name } = options as Record<string, unknown>;
  const problems: string[] = [];
  if (isGlobal !== undefined && typeof isGlobal !== 'boolean') {
    problems.push(wrongKind('isGlobal', kindOf(isGlobal), 'true or false'));
  }
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    problems.push(wrongKind('name', kindOf(name), 'the name of the instance, a string'));
  }
  return problems;
}
