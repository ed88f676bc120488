import type { Contexts } from 'nestjs-quonfig';

/** A user the page evaluates flags for. In your application, contexts come from the request. */
export interface ShopUser {
  title: string;
  contexts: Contexts;
}

export const users: ShopUser[] = [
  { title: 'Visitor', contexts: { user: { key: 'user-1', country: 'FR', plan: 'free' } } },
  {
    title: 'Customer in Norway',
    contexts: { user: { key: 'user-2', country: 'NO', plan: 'free' } },
  },
  { title: 'Pro customer', contexts: { user: { key: 'user-3', country: 'DE', plan: 'pro' } } },
  {
    title: 'Staff member',
    contexts: {
      user: { key: 'user-4', country: 'US', plan: 'free', email: 'support@example.com' },
    },
  },
];
