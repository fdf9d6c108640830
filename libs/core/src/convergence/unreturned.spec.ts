import { CLAIM_MS, idOf, SECOND, sharedErrors, type Claim } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { Unreturned } from './unreturned.js';

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  for (const technician of ['alice', 'bob']) await world.grant({ technician });
  const { clockwork } = world.unitOfWork;
  const claim = (): Promise<readonly Claim[]> => clockwork.claimDue([world.customer], world.clock.now(), 9);
  const giveBack = clockwork.giveBack.bind(clockwork);
  const asked: (readonly Claim[])[] = [];
  const away = (is: boolean): void => {
    clockwork.giveBack = (claims) => {
      asked.push(claims);
      return is ? Promise.reject(sharedErrors.refuse('database.unavailable')) : giveBack(claims);
    };
  };
  away(false);
  return { world, claim, asked, away, unreturned: new Unreturned(world.ports) };
};

describe('Unreturned', () => {
  it('gives claims back at once while the database answers, and then remembers none', async () => {
    const { claim, asked, unreturned } = await setUp();

    await unreturned.giveBack(await claim());
    await unreturned.settle();

    expect(asked).toHaveLength(1);
    expect(await claim()).toHaveLength(2);
  });

  it('gives back what it could not as soon as the database answers again', async () => {
    const { world, claim, away, unreturned } = await setUp();
    away(true);
    await unreturned.giveBack(await claim());
    world.clock.advance(SECOND);
    await unreturned.settle();
    expect(await claim()).toEqual([]);

    away(false);
    await unreturned.settle();

    expect(await claim()).toHaveLength(2);
  });

  it('leaves alone what somebody else has claimed meanwhile', async () => {
    const { world, claim, away, unreturned } = await setUp();
    away(true);
    const [alice] = await claim();
    if (alice === undefined) throw new Error('Nothing was claimed.');
    await unreturned.giveBack([{ ...alice, claimedUntil: alice.claimedUntil + CLAIM_MS }]);
    world.clock.advance(CLAIM_MS);
    const theirs = await claim();

    away(false);
    await unreturned.settle();

    expect(theirs).toHaveLength(2);
    expect(await claim()).toEqual([]);
  });

  it('tries again what somebody held, and waits for nobody', async () => {
    const { world, claim, asked, unreturned } = await setUp();
    const { letGo } = world.unitOfWork.holdRow(world.accountRow('alice').id);
    const [bob] = await claim();
    letGo();
    const [alice] = await claim();
    if (alice === undefined || bob === undefined) throw new Error('Not each was claimed.');
    const held = world.unitOfWork.holdRow(alice.accountId);

    await unreturned.giveBack([alice, bob]);
    expect(await claim()).toMatchObject([{ accountId: bob.accountId }]);
    await unreturned.settle();
    held.letGo();
    await unreturned.settle();

    expect(asked.map((claims) => claims.length)).toEqual([2, 1, 1]);
    expect(await claim()).toMatchObject([{ accountId: alice.accountId }]);
  });

  it('forgets what has run out by itself', async () => {
    const { world, claim, asked, away, unreturned } = await setUp();
    away(true);
    await unreturned.giveBack(await claim());
    world.clock.advance(CLAIM_MS);
    await unreturned.settle();
    expect(asked).toHaveLength(1);
  });

  it('remembers a bounded number, of each account the latest', async () => {
    const { world, asked, away, unreturned } = await setUp();
    const claimedUntil = world.clock.now() + CLAIM_MS;
    const claims = Array.from({ length: 20_001 }, (_, index) => ({
      ...world.customer,
      accountId: idOf<'account'>(`account-${index}`),
      epoch: 2,
      claimedUntil,
    }));
    away(true);
    await unreturned.giveBack(claims);
    await unreturned.giveBack(claims.slice(0, 1).map((claim) => ({ ...claim, epoch: 1 })));

    expect(asked.at(-1)).toHaveLength(20_000);
    expect(asked.at(-1)?.every(({ epoch }) => epoch === 2)).toBe(true);
  });
});
