/**
 * The flags every contender serves, in no contender's own format. Each file in `contenders/` says them in its own
 * terms; `workloads.mjs` says who asks for them and what the answer must be.
 */

export const PAID_PLANS = ['pro', 'team', 'enterprise'];
export const STAFF_DOMAINS = ['@staff.example.com', '@ops.example.com', '@qa.example.org'];
export const COUNTRIES = ['DE', 'FR', 'ES', 'IT', 'NL', 'BE', 'AT', 'PL', 'PT', 'SE'];
export const ADULT_AGE = 18;

/** W1: on for everybody. */
export const STATIC_FLAG = 'checkout.one-page';

/** W2: on by the first of three rules that matches: paid plan; staff e-mail; country in ten and older than 18. */
export const RULES_FLAG = 'search.new-ranking';

/** W3: one of four values, split by the user's key. Weights are percentages. */
export const SPLIT_FLAG = 'pricing.page-layout';
export const SPLIT = [
  { value: 'grid', weight: 10 },
  { value: 'list', weight: 20 },
  { value: 'cards', weight: 30 },
  { value: 'table', weight: 40 },
];

/** W4: on for the members of a segment of 1,000 user keys. */
export const SEGMENT_FLAG = 'beta.dashboard';
export const SEGMENT = 'beta-members';

/** @typedef {{ key: string, on: boolean } | { key: string, plans: string[] }} ManyFlag */

/**
 * W5: 10,000 static flags, every second one on.
 * @type {ManyFlag[]}
 */
export const STATIC_FLAGS = Array.from({ length: 10_000 }, (_, index) => ({
  key: `team-${index % 40}.feature-${index}.enabled`,
  on: index % 2 === 0,
}));

/**
 * W5r: 10,000 flags, half of them as in W5. The other half have one rule each, "the plan is one of three", which holds
 * for every user of the workload in one of two flags and for none in the other.
 * @type {ManyFlag[]}
 */
export const MIXED_FLAGS = Array.from({ length: 10_000 }, (_, index) => {
  const key = `squad-${index % 40}.feature-${index}.enabled`;
  if (index % 4 < 2) return { key, on: index % 2 === 0 };
  return { key, plans: index % 2 === 0 ? ['free', 'trial', 'starter'] : [...PAID_PLANS] };
});

export const MANY_FLAGS = [...STATIC_FLAGS, ...MIXED_FLAGS];
