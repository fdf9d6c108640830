import type { TenantWish } from '#core/testing';
import type { NamedFaultRule } from '../../../../test/support/simulator.js';

/** How one fault of the simulator's catalogue meets the adapter. */
export interface Nastiness {
  readonly name: string;
  /** More of it than is usual, or less where it would never end. */
  readonly rule: Omit<NamedFaultRule, 'named' | 'tenantId'>;
  readonly wish: TenantWish;
}

/** So many requests out of all that fit, and no more than an end within the tries of a patient caller. */
const sometimes = { probability: 0.4, times: 6 };
const forAMinute = { forMs: 60_000 };
const withoutOurRole: TenantWish = { mayTouchRoleHolders: false };

const nasty = (name: string, rule: Nastiness['rule'] = sometimes, wish: TenantWish = {}): Nastiness => ({
  name,
  rule,
  wish,
});

/** Every fault that can be set. */
export const NASTY: readonly Nastiness[] = [
  nasty('consent-withdrawn', { times: 1 }),
  nasty('token-endpoint-429', { times: 2 }),
  nasty('token-endpoint-503', { times: 2 }),
  nasty('token-endpoint-90055', { times: 2 }),
  nasty('not-yet-there', {}),
  nasty('replica-flapping', {}),
  nasty('role-removal-not-seen-yet', {}, withoutOurRole),
  nasty('pass-404-after-create', {}),
  nasty('204-but-not-yet', { times: 6 }),
  nasty('transient-400', { times: 2 }),
  nasty('admin-untouchable', { times: 3 }, withoutOurRole),
  nasty('combined-patch-403', {}),
  nasty('concurrency-409'),
  nasty('member-not-yet-there', { times: 3 }),
  nasty('member-not-yet-there-400', { times: 3 }),
  nasty('dynamic-group-403', { times: 3 }),
  nasty('conflicting-assignment', { times: 3 }),
  nasty('pim-too-short', {}),
  nasty('restricted-unit-403', { times: 3 }),
  nasty('quota-403', { times: 2 }),
  nasty('spurious-403', {}),
  nasty('endless-429', forAMinute),
  nasty('endless-429-long', { times: 2 }),
  nasty('429-part-of-batch'),
  nasty('carried-out-although-429'),
  nasty('429-without-retry-after'),
  nasty('retry-after-date'),
  nasty('retry-after-fraction'),
  nasty('commit-then-504', { times: 2 }),
  nasty('timeout-before-commit', { times: 2 }),
  nasty('503-mid-write'),
  nasty('connection-cut-before'),
  nasty('connection-cut-after'),
  nasty('slow-answer', { probability: 0.4, times: 2, ms: 400 }),
  nasty('duplicate-delivery'),
  // Two tries of two tokens each: a third would be a credential that is refused for good.
  nasty('spurious-401', { probability: 0.4, times: 4 }),
  nasty('batch-envelope-503'),
  nasty('half-a-batch-then-cut', { times: 2 }),
  nasty('html-instead-of-json'),
  nasty('html-with-200'),
  nasty('truncated-json'),
  nasty('empty-200'),
];

export const nastinessOf = (name: string): Nastiness => {
  const found = NASTY.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No fault ${name} is known here.`);
  return found;
};
