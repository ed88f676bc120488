import type { Contexts } from 'nestjs-quonfig';

/** Whom the page evaluates for. In an application of yours the contexts come from the request. */
export const users: { title: string; contexts: Contexts }[] = [
  { title: 'Visitor', contexts: { user: { key: 'user-1', plan: 'free' } } },
  { title: 'Pro customer', contexts: { user: { key: 'user-2', plan: 'pro' } } },
  {
    title: 'Member of staff',
    contexts: { user: { key: 'user-3', plan: 'free', email: 'support@example.com' } },
  },
];
