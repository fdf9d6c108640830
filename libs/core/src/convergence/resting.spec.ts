import { idOf, SECOND, type AccountId, type CustomerId, type CustomerRef } from '#core/shared';
import { Resting } from './resting.js';

const NOW = 1_000_000;
const LONGEST_MS = 10 * SECOND;
const customer = (name: string): CustomerRef => ({
  organizationId: idOf('organization'),
  customerId: idOf(name),
});
const [ADA, BOB]: [CustomerId, CustomerId] = [idOf('ada'), idOf('bob')];
const account = (index: number): AccountId => idOf(`account ${index}`);

describe('Resting', () => {
  it('gives the turn to whoever waits longest for one', () => {
    const resting = new Resting();
    const all = ['ada', 'bob', 'carol'].map(customer);
    resting.turn(ADA, NOW + 1);
    resting.turn(BOB, NOW);

    expect(resting.inTurn(all, NOW + 2).map(({ customerId }) => customerId)).toEqual(['carol', 'bob', 'ada']);
  });

  it('lets an account rest twice as long each time, and not for ever', () => {
    const resting = new Resting();
    const waits = [2, 4, 8, 10, 10].map((seconds) => seconds * SECOND);
    let now = NOW;
    for (const [tries, wait] of waits.entries()) {
      expect(resting.tries(ADA, account(1), now)).toBe(tries);
      resting.rest(ADA, account(1), { now, longestMs: LONGEST_MS });
      expect(resting.ofCustomer(ADA, now + wait - 1)).toEqual([account(1)]);
      expect(resting.ofCustomer(ADA, now + wait)).toEqual([]);
      expect(resting.ofCustomer(BOB, now)).toEqual([]);
      now += wait;
    }

    expect(resting.tries(ADA, account(1), now + 61 * SECOND)).toBe(0);
  });

  it('leaves out a customer whose credential was refused, until then', () => {
    const resting = new Resting();
    resting.refuse(ADA, NOW + SECOND);

    expect(resting.inTurn([customer('ada'), customer('bob')], NOW)).toEqual([customer('bob')]);
    expect(resting.inTurn([customer('ada')], NOW + SECOND)).toEqual([customer('ada')]);
  });

  it('lets a thousand accounts have their turn before the first of them has it again', () => {
    const resting = new Resting();
    const looks = 10;
    for (let look = 0; look < looks; look += 1)
      for (let index = 0; index < 100; index += 1) {
        const now = NOW + look * SECOND;
        for (let tries = 0; tries < 5; tries += 1)
          resting.rest(ADA, account(look * 100 + index), { now, longestMs: LONGEST_MS });
      }

    expect(resting.ofCustomer(ADA, NOW + (looks - 1) * SECOND)).toHaveLength(1_000);
  });

  it('remembers no more than so many, whatever comes', () => {
    const resting = new Resting();
    const names = Array.from({ length: 12 }, (_, index) => `customer ${index}`);
    for (const name of names)
      for (let index = 0; index < 2_500; index += 1)
        resting.rest(idOf(name), account(index), { now: NOW, longestMs: LONGEST_MS });

    const kept = names.map((name) => resting.ofCustomer(idOf(name), NOW).length);

    expect(kept.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    expect(Math.max(...kept)).toBeLessThanOrEqual(2_000);
    for (let index = 0; index < 6_000; index += 1) resting.turn(idOf(`other ${index}`), NOW);
    expect(names.flatMap((name) => resting.ofCustomer(idOf(name), NOW))).toEqual([]);
  });
});
