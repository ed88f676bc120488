/** Returns the name of a class, for messages; takes the class or its prototype. Runs no getter. */
export function className(target: object | null): string {
  const owner: unknown = typeof target === 'function' ? target : valueOf(target, 'constructor');
  // A static member can hide the name.
  const name = typeof owner === 'function' ? valueOf(owner, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : 'anonymous class';
}

function valueOf(target: object | null, property: string): unknown {
  return target === null ? undefined : Reflect.getOwnPropertyDescriptor(target, property)?.value;
}
