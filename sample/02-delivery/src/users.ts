import type { Contexts } from 'nestjs-quonfig';

/** The users the page evaluates flags for. In your application, contexts come from the request. */
export const users: { title: string; contexts: Contexts }[] = [
  { title: 'Visitor', contexts: { user: { key: 'user-1', plan: 'free' } } },
  { title: 'Pro customer', contexts: { user: { key: 'user-2', plan: 'pro' } } },
  {
    title: 'Staff member',
    contexts: { user: { key: 'user-3', plan: 'free', email: 'support@example.com' } },
  },
];
