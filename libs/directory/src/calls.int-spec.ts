import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { idOf, Secret } from '#core/shared';
import { verdictOf } from '#core/testing';
import { createCall, many, PASSWORD, Rig, ROLES } from './testing/rig.js';
import { manyGroups } from './testing/simulated-tenant.js';

describe('EntraDirectory needs few calls', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(() => rig.leave());
  afterAll(() => rig.stop());

  it('makes an account with one call', async () => {
    await rig.enter();

    await rig.make();

    expect(await rig.graphCalls()).toEqual(['POST /users']);
  });

  it('gives a parked account all it is to have with one call', async () => {
    const { groups } = await rig.enter();
    const user = await rig.make();
    await rig.countFromHere();

    const outcomes = await rig.perform([
      { ref: 'password', call: { do: 'setPassword', user, password: new Secret(PASSWORD) } },
      { ref: 'on', call: { do: 'enable', user }, after: 'password' },
      ...groups.plain.map((groupId): DirectoryStep => ({
        ref: groupId,
        call: { do: 'addToGroup', user, groupId },
      })),
      ...ROLES.map((roleId): DirectoryStep => ({ ref: roleId, call: { do: 'assignRole', user, roleId } })),
    ]);

    expect(outcomes.map(verdictOf)).toEqual(Array(7).fill('ok'));
    expect(await rig.graphCalls()).toEqual(['POST /$batch']);
  });

  it('gives it in a strict order with one call, where only that order works', async () => {
    const { groups } = await rig.enter({ mayTouchRoleHolders: false });
    const user = await rig.make();
    const calls: DirectoryCall[] = [
      { do: 'setPassword', user, password: new Secret(PASSWORD) },
      { do: 'enable', user },
      ...groups.plain.map((groupId): DirectoryCall => ({ do: 'addToGroup', user, groupId })),
      ...ROLES.map((roleId): DirectoryCall => ({ do: 'assignRole', user, roleId })),
    ];
    await rig.countFromHere();

    const outcomes = await rig.perform(
      calls.map((call, at) => ({ ref: `${at}`, call, ...(at === 0 ? {} : { after: `${at - 1}` }) })),
    );

    expect(outcomes.map(verdictOf)).toEqual(calls.map(() => 'ok'));
    expect(await rig.graphCalls()).toEqual(['POST /$batch']);
  });

  it('ends twenty accounts with one call, and thirty with two', async () => {
    const { domain } = await rig.enter();
    const made = await rig.perform(many(30, (at) => createCall(`u${at}@${domain}`)));
    const ends = made.map((outcome, at): DirectoryStep => {
      const user =
        outcome.ok && outcome.answer.did === 'createUser'
          ? outcome.answer.objectId
          : idOf<'entra object'>('');
      return { ref: `end ${at}`, call: { do: 'disable', user } };
    });
    await rig.countFromHere();

    await rig.perform(ends.slice(0, 20));
    expect(await rig.graphCalls()).toHaveLength(1);
    await rig.countFromHere();
    const outcomes = await rig.perform(ends);

    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(await rig.graphCalls()).toHaveLength(2);
  });

  it('reads a list to its end over several pages', async () => {
    await rig.enter();
    const made = await rig.simulator.makeTenant(rig.tenantId, manyGroups(1_050));
    const user = await rig.make();
    const groups = made.groups.map(({ id }) => idOf<'entra group'>(id));
    await rig.perform(groups.map((groupId) => ({ ref: groupId, call: { do: 'addToGroup', user, groupId } })));
    await rig.countFromHere();

    const outcome = await rig.tell({ do: 'listGroups', user });

    const listed = outcome.ok && outcome.answer.did === 'listGroups' ? outcome.answer.groups : [];
    expect([...listed].sort()).toEqual([...groups].sort());
    expect(await rig.graphCalls()).toHaveLength(2);
  });

  it('inspects a tenant with one call', async () => {
    const { directory, app } = await rig.enter();

    await directory.inspect(app, 10_000);

    expect(await rig.graphCalls()).toEqual(['POST /$batch']);
  });
});
