import type { DirectoryStep } from '#core/accounts';
import { idOf } from '#core/shared';
import { verdictOf } from '#core/testing';
import { BUDGET_MS, alone, createCall, many, PASSWORD, Rig } from './testing/rig.js';
import { CLIENT_SECRET, directoryTo } from './testing/simulated-tenant.js';

const ONE_USER = { method: 'GET', path: '/users/*' };
const FIND = { do: 'findUser', upn: 'x' } as const;
const REFUSED = { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' };
const EXPIRED = { status: 401, code: 'InvalidAuthenticationToken', message: 'Lifetime validation failed.' };

describe('EntraDirectory on a bad day', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(() => rig.leave());
  afterAll(() => rig.stop());

  it('fails only the throttled part of a batch, with the wait that Graph asks for', async () => {
    const { groups } = await rig.enter();
    const user = await rig.make();
    const tooMany = {
      status: 429,
      code: 'TooManyRequests',
      message: 'Please retry again later.',
      retryAfter: 7,
    };
    await rig.fault({ match: { method: 'POST', path: '/groups/**', part: 'batch-part' }, effect: tooMany });

    const outcomes = await rig.perform([
      { ref: 'on', call: { do: 'enable', user } },
      ...groups.plain.map((groupId): DirectoryStep => ({
        ref: groupId,
        call: { do: 'addToGroup', user, groupId },
      })),
    ]);

    expect(outcomes.map(verdictOf).sort()).toEqual(['ok', 'ok', 'ok', 'throttled later']);
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({
      error: { facts: { retryAfterSeconds: 7, status: 429, workload: 'directory' } },
    });
  });

  it('never waits for a throttle', async () => {
    await rig.enter();
    await rig.fault({ times: 9, match: ONE_USER, effect: { status: 429, retryAfter: 315 } });
    const before = Date.now();

    expect(await rig.verdict(FIND)).toBe('throttled later');
    expect(Date.now() - before).toBeLessThan(3_000);
    expect(await rig.graphCalls()).toHaveLength(1);
  });

  it('says how long Graph took over a batch, whose writes are older than their answer', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.fault({
      match: { method: 'POST', path: '/$batch' },
      effect: { slowMs: 1_500, at: 'after-commit' },
    });

    const outcomes = await rig.perform([
      { ref: 'off', call: { do: 'disable', user } },
      { ref: 'out', call: { do: 'revokeSessions', user } },
    ]);

    expect(outcomes.map(verdictOf)).toEqual(['ok', 'ok']);
    for (const { tookMs } of outcomes) expect(tookMs).toBeGreaterThanOrEqual(1_500);
  });

  it('does not send a create again that was carried out and not answered', async () => {
    const { domain } = await rig.enter();
    await rig.fault({ match: { method: 'POST', path: '/users' }, effect: { cut: 'after-commit' } });

    const outcome = await rig.tell(createCall(`jo@${domain}`));

    expect([verdictOf(outcome), outcome.at]).toEqual(['unanswered later', null]);
    expect(await rig.graphCalls()).toEqual(['POST /users']);
    expect(await rig.tell({ do: 'findUser', upn: `jo@${domain}` })).toMatchObject({
      answer: { user: { marker: 'mark', enabled: false } },
    });
  });

  it('takes each part of a batch that was cut for unanswered', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.countFromHere();
    await rig.fault({ match: { path: '/$batch' }, effect: { cut: 'after-commit' } });

    const outcomes = await rig.perform([
      { ref: 'off', call: { do: 'disable', user } },
      { ref: 'revoke', call: { do: 'revokeSessions', user } },
    ]);

    expect(outcomes.map(verdictOf)).toEqual(['unanswered later', 'unanswered later']);
    expect(await rig.graphCalls()).toHaveLength(1);
  });

  it('leaves open what a 504 to a write means, and reads again after one', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.countFromHere();
    await rig.fault({ match: { method: 'PATCH', path: '/users/*' }, effect: { status: 504, commit: true } });
    await rig.fault({ match: ONE_USER, effect: { status: 504 } });

    expect(await rig.verdict({ do: 'enable', user })).toBe('unanswered later');
    expect(await rig.tell({ do: 'readUser', user })).toMatchObject({ answer: { user: { enabled: true } } });
    expect((await rig.graphCalls()).map((call) => call.split(' ')[0])).toEqual(['PATCH', 'GET', 'GET']);
  });

  it('reads again after a cut, but not a third time', async () => {
    await rig.enter();
    await rig.fault({ times: 2, match: ONE_USER, effect: { cut: 'before-commit' } });

    expect(await rig.verdict(FIND)).toBe('unanswered later');
    expect(await rig.verdict(FIND)).toBe('ok');
  });

  it('is back when its time is over, with what it knows', async () => {
    await rig.enter();
    const user = await rig.make();
    const hook = await rig.simulator.hold({ match: { path: '/$batch' }, at: 'before-commit' });
    const before = Date.now();
    const chain = many(25, () => ({ do: 'disable', user })).map((step, at): DirectoryStep =>
      at === 0 ? step : { ...step, after: `step ${at - 1}` },
    );

    const outcomes = await rig.perform(chain, 400);

    expect(Date.now() - before).toBeLessThan(2_000);
    expect(outcomes[0]).toMatchObject({ error: { reason: 'unanswered' }, at: null });
    expect(outcomes.at(-1)).toMatchObject({ error: { reason: 'not_tried' }, at: null });
    await rig.simulator.release(hook, 'cut');
  });

  it('takes a host that does not listen for no answer', async () => {
    const { app } = await rig.enter();
    const nowhere = directoryTo(rig.simulator, undefined, 'https://localhost:9');

    expect((await nowhere.perform(app, alone(FIND), BUDGET_MS)).map(verdictOf)).toEqual(['unanswered later']);
    await nowhere.close();
  });

  it.each([200, 403, 404])(
    'takes a page with status %s for no answer, alone and as the envelope of a batch',
    async (status) => {
      await rig.enter();
      const user = await rig.make();
      await rig.tell({ do: 'enable', user });
      const page = { garble: 'html', status } as const;
      await rig.fault({ times: 3, match: { path: '/users/**' }, effect: page });
      await rig.fault({ times: 1, match: { path: '/$batch' }, effect: page });

      expect(await rig.verdict({ do: 'disable', user })).toBe('unanswered later');
      expect(await rig.verdict({ do: 'deleteUser', user })).toBe('unanswered later');
      expect(await rig.verdict({ do: 'readUser', user })).toBe('unanswered later');
      const both = await rig.perform([
        { ref: 'off', call: { do: 'disable', user } },
        { ref: 'gone', call: { do: 'deleteUser', user } },
      ]);
      expect(both.map(verdictOf)).toEqual(['unanswered later', 'unanswered later']);
      expect(await rig.world.truth(user)).toMatchObject({ enabled: true });
    },
  );

  it('tries a transient 400 again later, and a write that met another', async () => {
    const { domain } = await rig.enter();
    const transient = 'One or more property values specified are invalid.';
    await rig.fault({
      match: { method: 'POST', path: '/users' },
      effect: { status: 400, code: 'Request_BadRequest', message: transient },
    });
    await rig.fault({
      match: { method: 'PATCH', path: '/users/*' },
      effect: {
        status: 409,
        code: 'Directory_ConcurrencyViolation',
        message: 'Please wait briefly and retry.',
      },
    });

    expect(await rig.verdict(createCall(`jo@${domain}`))).toBe('replication later');
    expect(await rig.verdict({ do: 'enable', user: await rig.make() })).toBe('unanswered later');
  });

  it('takes a removal that Graph does not find for done, and a taking call on nobody for replication', async () => {
    await rig.enter();
    const nobody = idOf<'entra object'>('99999999-9999-4999-8999-999999999999');

    for (const kind of ['disable', 'revokeSessions'] as const) {
      expect(await rig.verdict({ do: kind, user: nobody })).toBe('replication later');
    }
    expect(await rig.verdict({ do: 'deleteUser', user: nobody })).toBe('ok');
  });

  it('lets no secret out in any error, whatever Graph says', async () => {
    const { domain } = await rig.enter();
    const message = `Weird trouble with '${PASSWORD}' of ${CLIENT_SECRET}.`;
    await rig.fault({ match: { path: '/users' }, effect: { status: 418, code: 'Odd', message } });

    const outcome = await rig.tell(createCall(`jo@${domain}`));

    const shown = outcome.ok
      ? ''
      : `${outcome.error.message} ${outcome.error.stack ?? ''} ${JSON.stringify(outcome)}`;
    expect(verdictOf(outcome)).toBe('unknown later');
    expect(shown).toContain('Weird trouble');
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(CLIENT_SECRET);
  });

  it('reads memberships with the nested ones when the direct ones are refused in spite of consent', async () => {
    const { groups } = await rig.enter();
    const user = await rig.make();
    const [inner, outer] = groups.plain;
    await rig.world.makeMember(user, inner ?? idOf(''));
    await rig.nest(inner ?? idOf(''), outer ?? idOf(''));
    const direct = await rig.tell({ do: 'listGroups', user });
    await rig.fault({ match: { path: '/users/*/memberOf' }, effect: REFUSED });
    await rig.countFromHere();

    const [, refused] = await rig.perform([
      { ref: 'who', call: { do: 'readUser', user } },
      { ref: 'where', call: { do: 'listGroups', user } },
    ]);

    expect(direct).toMatchObject({ answer: { groups: [inner], direct: true } });
    expect(refused).toMatchObject({ ok: true, answer: { groups: [inner, outer], direct: false } });
    expect(await rig.graphCalls()).toEqual([
      'POST /$batch',
      `GET /users/${user}/transitiveMemberOf?$top=999`,
    ]);
  });

  it('keeps what a batch has done when no token can be had for the rest of one list', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.fault({ match: { path: '/users/*/memberOf' }, effect: REFUSED });
    await rig.fault({ match: { path: '/users/*/transitiveMemberOf' }, effect: EXPIRED });
    await rig.fault({ match: { path: '**/oauth2/v2.0/token' }, effect: { status: 429, retryAfter: 9 } });

    const outcomes = await rig.perform([
      { ref: 'on', call: { do: 'enable', user } },
      { ref: 'where', call: { do: 'listGroups', user } },
    ]);

    expect(outcomes.map(verdictOf)).toEqual(['ok', 'throttled later']);
  });
});
