export interface User {
  id: string;
  plan: 'free' | 'pro';
  country: string;
}

export const users: readonly User[] = [
  { id: 'anna', plan: 'pro', country: 'NO' },
  { id: 'ben', plan: 'free', country: 'DE' },
];
