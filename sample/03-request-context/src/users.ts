import type { Contexts } from 'nestjs-quonfig';

export interface User {
  id: string;
  plan: 'free' | 'pro';
  country: string;
  role: 'customer' | 'staff';
}

/** In your application, a table of a database. */
export const users: readonly User[] = [
  { id: 'anna', plan: 'pro', country: 'NO', role: 'customer' },
  { id: 'ben', plan: 'free', country: 'DE', role: 'customer' },
  { id: 'carla', plan: 'free', country: 'DE', role: 'staff' },
];

/** What rules match for a user, the same in requests and jobs. Nobody has no contexts. */
export function contextsOf(user: User | undefined): Contexts | undefined {
  if (user === undefined) return undefined;
  const { id, plan, country, role } = user;
  return { user: { key: id, plan, country, role } };
}
