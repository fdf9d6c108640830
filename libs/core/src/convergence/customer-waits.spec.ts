import { idOf, SECOND, type CustomerId } from '#core/shared';
import type { Throttle } from '#core/tenancy';
import { NOON } from '../testing/unit-of-work.samples.js';
import { CustomerWaits } from './customer-waits.js';

const acme: CustomerId = idOf('acme');
const other: CustomerId = idOf('other');
const wait = (workload: Throttle['workload'], seconds: number): Throttle => ({
  workload,
  until: NOON + seconds * SECOND,
  reason: '429',
});

describe('CustomerWaits', () => {
  it('keeps the longest wait of each workload, of each customer for itself', () => {
    const waits = new CustomerWaits();
    waits.learn(acme, [wait('directory', 30), wait('pim', 5)]);
    waits.learn(acme, [wait('directory', 10), wait('pim', 9)]);
    expect(waits.of(acme)).toEqual([wait('directory', 30), wait('pim', 9)]);
    expect(waits.of(other)).toEqual([]);
  });

  it.each(['directory', 'sign-in'] as const)('waits with everything under a throttle of %s', (workload) => {
    const waits = new CustomerWaits();
    waits.learn(acme, [wait(workload, 30)]);
    expect(waits.isWaiting(acme, NOON + 30 * SECOND - 1)).toBe(true);
    expect(waits.isWaiting(acme, NOON + 30 * SECOND)).toBe(false);
    expect(waits.isWaiting(other, NOON)).toBe(false);
  });

  it('does not wait with everything for one that throttles apart', () => {
    const waits = new CustomerWaits();
    waits.learn(acme, [wait('pim', 30), wait('authentication-methods', 30)]);
    expect(waits.isWaiting(acme, NOON)).toBe(false);
  });

  it('forgets what is over', () => {
    const waits = new CustomerWaits();
    waits.learn(acme, [wait('pim', 5), wait('directory', 10)]);
    waits.forgetPast(NOON + 5 * SECOND);
    expect(waits.of(acme)).toEqual([wait('directory', 10)]);
    waits.forgetPast(NOON + 10 * SECOND);
    expect(waits.of(acme)).toEqual([]);
  });
});
