/** Settings of one process, from its environment. In a container, these are what you change. */

export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The variable ${name} is missing.`);
  return value;
}

export const port = (): number => Number(process.env.PORT ?? 8080);

/** The interface to listen on: containers need all of them. */
export const host = (): string => process.env.HOST ?? '127.0.0.1';
