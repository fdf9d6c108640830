import type { Directory, DirectoryCall } from '#core/accounts';
import { Secret, type ObjectId } from '#core/shared';
import { verdictOf } from '#core/testing';
import { nastinessOf } from './testing/nasty-list.js';
import { NastyPlace, type NastyWorld } from './testing/nasty-world.js';
import { PASSWORD, ROLES } from './testing/rig.js';
import { directoryTo } from './testing/simulated-tenant.js';
import { Witness } from './testing/witness.js';

const OTHER = 'Another-9-staple-horse';

/** What one call sent alone is answered under a fault, with the wait it names, and whether it was done. */
const lone = [
  ['204-but-not-yet', 'ok', null, false],
  ['concurrency-409', 'unanswered later', null, false],
  ['endless-429', 'throttled later', 1, false],
  ['endless-429-long', 'throttled later', 315, false],
  ['carried-out-although-429', 'throttled later', 1, true],
  ['429-without-retry-after', 'throttled later', null, false],
  ['retry-after-date', 'throttled later', 30, false],
  // 2.128: rather a moment too long than too short.
  ['retry-after-fraction', 'throttled later', 3, false],
  ['connection-cut-before', 'unanswered later', null, false],
  ['connection-cut-after', 'unanswered later', null, true],
  ['duplicate-delivery', 'ok', null, true],
  ['html-instead-of-json', 'unanswered later', null, false],
  ['html-with-200', 'unanswered later', null, false],
  ['empty-200', 'ok', null, true],
  ['restricted-unit-403', 'directory_role_missing later', null, false],
] as const;

describe('EntraDirectory, one call under one fault', () => {
  let place: NastyPlace;
  let world: NastyWorld;

  beforeAll(async () => {
    place = await NastyPlace.start();
  });
  afterEach(() => world.close());
  afterAll(() => place.stop());

  /** Makes an account, and only then lets things go wrong. */
  const enter = async (...names: readonly string[]): Promise<ObjectId> => {
    const faults = names.map((name) => ({ ...nastinessOf(name), rule: {} }));
    world = await place.enter(faults, 1);
    await world.lift();
    const upn = `jo@${world.world.domain}`;
    const texts = { upn, displayName: 'Jo', mailNickname: 'jo', marker: 'mark' };
    const made = await tell({ do: 'createUser', ...texts, password: new Secret(PASSWORD) });
    await world.beset();
    if (made.ok && made.answer.did === 'createUser') return made.answer.objectId;
    throw new Error(verdictOf(made));
  };

  const tell = async (call: DirectoryCall) => {
    const [outcome] = await world.witness.perform(world.world.app, [{ ref: 'only', call }], 10_000);
    if (outcome === undefined) throw new Error('No outcome.');
    return outcome;
  };

  it.each(lone)('to enable under %s is %s', async (...row) => {
    const [fault, verdict, wait, isDone] = row;
    const user = await enter(fault);

    const outcome = await tell({ do: 'enable', user });

    expect(verdictOf(outcome)).toBe(verdict);
    expect(outcome.ok ? null : outcome.error.facts.retryAfterSeconds).toBe(wait);
    expect((await world.world.truth(user))?.enabled).toBe(isDone);
    expect(world.witness.broken).toEqual([]);
  });

  it.each(lone)('to set a password under %s is %s, and the old one opens until it is set', async (...row) => {
    const [fault, verdict, , isDone] = row;
    const user = await enter(fault);
    await world.lift();
    await tell({ do: 'enable', user });
    await world.beset();

    const outcome = await tell({ do: 'setPassword', user, password: new Secret(OTHER) });

    expect(verdictOf(outcome)).toBe(verdict);
    expect(await world.signsIn(`jo@${world.world.domain}`, { password: isDone ? OTHER : PASSWORD })).toBe(
      true,
    );
  });

  it('a role whose assignment was delivered twice is held once, with no id to tell', async () => {
    const user = await enter('conflicting-assignment');

    const outcome = await tell({ do: 'assignRole', user, roleId: ROLES[0] });

    expect(outcome).toMatchObject({ ok: true, answer: { did: 'assignRole', assignmentId: null } });
    expect((await world.world.truth(user))?.roles).toEqual([ROLES[0]]);
  });

  it('half a batch that was cut is unanswered in all its parts, done or not', async () => {
    const user = await enter('half-a-batch-then-cut');
    const steps = world.groups.map((groupId) => ({
      ref: groupId,
      call: { do: 'addToGroup', user, groupId } as const,
    }));

    const outcomes = await world.witness.perform(world.world.app, steps, 10_000);

    expect(outcomes.map(verdictOf)).toEqual(['unanswered later', 'unanswered later', 'unanswered later']);
    expect((await world.world.truth(user))?.groups).toHaveLength(2);
  });

  it('a pass that is in half an answer is unanswered, told to nobody, and replaced by the next', async () => {
    const user = await enter('truncated-json');
    const mint = { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false } as const;

    expect(verdictOf(await tell(mint))).toBe('unanswered later');
    expect(verdictOf(await tell(mint))).toBe('ok');
    const passes = (await world.truth()).users.flatMap((one) => one.passes);
    expect(passes.filter(({ isUsable }) => isUsable)).toHaveLength(1);
  });

  it('comes back in its time from an answer that does not', async () => {
    const user = await enter('slow-answer');
    await world.lift();
    await place.simulator.addNamedFault('slow-answer', { tenantId: world.world.app.tenantId, ms: 3_000 });
    const step = { ref: 'only', call: { do: 'enable', user } } as const;
    const began = performance.now();

    const outcomes = await world.witness.perform(world.world.app, [step], 500);

    expect(performance.now() - began).toBeLessThan(2_500);
    expect(outcomes.map(verdictOf)).toEqual(['unanswered later']);
    expect((await world.world.truth(user))?.enabled).toBe(true);
  });

  it('is watched: a write that is sent twice, alone or in a batch, does not pass', async () => {
    const user = await enter();
    const careless = directoryTo(place.simulator);
    const twice: Directory = {
      perform: (...asked) => careless.perform(...asked).then(() => careless.perform(...asked)),
      inspect: (...asked) => careless.inspect(...asked),
    };
    const witness = new Witness(twice, place.simulator);
    const joins = world.groups.map(
      (groupId) => ({ ref: groupId, call: { do: 'addToGroup', user, groupId } }) as const,
    );

    await witness.perform(world.world.app, joins.slice(0, 1), 10_000);
    await witness.perform(world.world.app, joins, 10_000);

    expect(witness.broken).toEqual([
      '2 writes were sent for 1 steps.',
      '6 writes were sent for 3 steps.',
      '2 batches were sent instead of 1.',
    ]);
    await careless.close();
  });
});
