export interface User {
  id: string;
  plan: 'free' | 'pro';
}

/** In your application, authentication finds the user. */
const users: readonly User[] = [
  { id: 'anna', plan: 'pro' },
  { id: 'ben', plan: 'free' },
];

/** Returns the user that a request names in its header `x-user`. */
export function userOf(name: string | undefined): User {
  return users.find(({ id }) => id === name) ?? { id: 'visitor', plan: 'free' };
}
