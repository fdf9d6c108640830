import type { DirectoryCall, StepOutcome } from '#core/accounts';
import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { GraphAnswer } from './graph-answer.js';
import { outcomeOf, type UnclassifiedAnswer } from './outcomes.js';

const SECRET = 'canary-of-the-app';
const PASSWORD = 'canary-of-the-user';
const app: EntraApp = {
  connectionId: idOf('c'),
  version: 1,
  cloud: 'global',
  tenantId: 't',
  clientId: 'a',
  credential: { kind: 'secret', value: new Secret(SECRET) },
};
const user = idOf<'entra object'>('u');
const setPassword: DirectoryCall = { do: 'setPassword', user, password: new Secret(PASSWORD) };
const createUser: DirectoryCall = {
  do: 'createUser',
  upn: 'jo@a.b',
  displayName: 'Jo',
  mailNickname: 'jo',
  marker: 'm',
  password: new Secret(PASSWORD),
};

describe('outcomeOf', () => {
  const reported: UnclassifiedAnswer[] = [];
  const outcome = (call: DirectoryCall, answer: Partial<GraphAnswer>): StepOutcome =>
    outcomeOf(
      { ref: 'r', call },
      { status: 400, headers: { date: 'Mon, 05 Jan 2026 12:00:00 GMT' }, body: null, ...answer },
      {
        app,
        roles: new Set(['User.ReadWrite.All']),
        lists: { groups: 'memberOf', methods: 'methods' },
        inBatch: false,
        now: () => Date.UTC(2026, 0, 5, 12),
        onUnclassified: (facts) => reported.push(facts),
      },
    );
  beforeEach(() => {
    reported.length = 0;
  });

  it("carries Graph's code, words, request id, wait and the scope of a throttle", () => {
    const answer = {
      status: 429,
      headers: {
        'retry-after': '2.5',
        'request-id': 'req',
        'x-ms-throttle-scope': 'Tenant_Application/Write/a/t',
      },
      body: { error: { code: 'TooManyRequests', message: 'Please retry again later.' } },
    };

    expect(outcome({ do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: true }, answer)).toMatchObject({
      ok: false,
      error: {
        reason: 'throttled',
        message: 'TooManyRequests: Please retry again later.',
        facts: {
          retry: 'later',
          workload: 'authentication-methods',
          status: 429,
          code: 'TooManyRequests',
          retryAfterSeconds: 3,
          requestId: 'req',
          throttleScope: 'Tenant_Application/Write/a/t',
        },
      },
    });
  });

  it('quotes no secret, whoever put it into the words', () => {
    const message = `'${PASSWORD}' is weak, says ${SECRET}`;

    const failed = outcome(setPassword, { body: { error: { code: 'Odd', message } } });

    const shown = JSON.stringify([failed, failed.ok ? '' : failed.error.message, reported]);
    expect(shown).toContain('is weak');
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(SECRET);
  });

  it('reports what it does not know, and nothing else', () => {
    outcome(setPassword, { body: { error: { code: 'Odd', message: 'Never heard of.' } } });
    outcome(setPassword, { status: 503 });

    expect(reported).toEqual([
      { call: 'setPassword', status: 400, code: 'Odd', message: 'Odd: Never heard of.', requestId: null },
    ]);
  });

  it('takes a 2xx without accountEnabled for no answer to rely on, and reports it', () => {
    const read = outcome(
      { do: 'readUser', user },
      { status: 200, body: { id: 'u', userPrincipalName: 'x' } },
    );

    expect(read).toMatchObject({ ok: false, error: { reason: 'unknown', facts: { retry: 'later' } } });
    expect(reported).toHaveLength(1);
  });

  it.each<[DirectoryCall, unknown]>([
    [createUser, null],
    [createUser, { displayName: 'x' }],
    [createUser, { id: '' }],
    [{ do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: true }, {}],
  ])('takes a write that was carried out and tells nothing readable for unanswered: %j', (call, body) => {
    expect(outcome(call, { status: 201, body })).toMatchObject({
      ok: false,
      error: { reason: 'unanswered', facts: { retry: 'later' } },
    });
    expect(reported).toHaveLength(1);
  });

  it.each<[DirectoryCall, unknown]>([
    [{ do: 'assignRole', user, roleId: idOf('r') }, null],
    [{ do: 'assignRole', user, roleId: idOf('r') }, 'text'],
    [{ do: 'unassignRole', user, roleId: idOf('r'), assignmentId: null }, {}],
    [{ do: 'addToGroup', user, groupId: idOf('g') }, { odd: true }],
    [{ do: 'revokeSessions', user }, { value: false }],
    [setPassword, []],
  ])('takes a write that was carried out for done, whatever comes along: %j', (call, body) => {
    expect(outcome(call, { status: 200, body }).ok).toBe(true);
  });

  it('reckons the end of a pass with the time of the answer, or else with the clock', () => {
    const mint: DirectoryCall = { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: true };
    const body = { id: 'p', temporaryAccessPass: 'canary-pass' };
    const late = { date: 'Mon, 05 Jan 2026 12:00:30 GMT' };

    expect(outcome(mint, { status: 201, headers: late, body })).toMatchObject({
      answer: { minted: { expiresAt: Date.UTC(2026, 0, 5, 13, 0, 30) } },
    });
    expect(outcome(mint, { status: 201, headers: {}, body })).toMatchObject({
      answer: { minted: { expiresAt: Date.UTC(2026, 0, 5, 13) } },
    });
  });

  it("tells when it was so by Graph's clock, and nothing of the time without an answer", () => {
    expect(outcome({ do: 'disable', user }, { status: 204 })).toMatchObject({
      ok: true,
      at: Date.UTC(2026, 0, 5, 12),
    });
    expect(outcome({ do: 'disable', user }, { status: 0, headers: {}, noAnswer: 'cut' }).at).toBeNull();
  });

  it('takes nobody for a plain answer when asked who is there', () => {
    const body = { error: { code: 'Request_ResourceNotFound', message: '' } };

    expect(outcome({ do: 'readUser', user }, { status: 404, body })).toMatchObject({
      answer: { did: 'readUser', user: null },
    });
  });

  it.each([null, '', {}, { message: 'no Route matched with those values' }, { error: null }])(
    "takes no stranger's 404 for a proof that there is nobody: %j",
    (body) => {
      expect(outcome({ do: 'readUser', user }, { status: 404, body })).toMatchObject({
        ok: false,
        error: { facts: { retry: 'later' } },
      });
    },
  );

  const giveRole: DirectoryCall = { do: 'assignRoleUntil', user, roleId: idOf('r'), until: 0, reason: '' };
  const endRole = { do: 'endTimedRole', user, roleId: idOf<'entra role'>('r') } as const;
  const refusal = (code: string) => ({ body: { error: { code, message: 'Odd words.' } } });

  it('S073, S078: takes what PIM says is there, or gone, already for a success that says so', () => {
    expect(outcome(giveRole, refusal('RoleAssignmentExists'))).toMatchObject({
      answer: { did: 'assignRoleUntil', already: true, status: null },
    });
    expect(outcome(endRole, refusal('RoleAssignmentDoesNotExist'))).toMatchObject({
      answer: { did: 'endTimedRole', already: true },
    });
  });

  it('S075: says how long it is too soon, as far as it is known since when', () => {
    const seconds = (givenAt?: number): unknown => {
      const call = givenAt === undefined ? endRole : { ...endRole, givenAt };
      const failed = outcome(call, refusal('ActiveDurationTooShort'));
      return failed.ok ? null : [failed.error.reason, failed.error.facts.retryAfterSeconds];
    };

    expect(seconds()).toEqual(['too_soon', null]);
    expect(seconds(Date.UTC(2026, 0, 5, 11, 57, 30))).toEqual(['too_soon', 150]);
    expect(seconds(Date.UTC(2026, 0, 5, 11))).toEqual(['too_soon', 1]);
  });

  it('counts timed roles to a workload of their own, which has throttles of its own', () => {
    expect(outcome(giveRole, { status: 429 })).toMatchObject({ error: { facts: { workload: 'pim' } } });
  });

  it('takes a request that was denied for a refusal, though it was answered 201', () => {
    expect(outcome(giveRole, { status: 201, body: { id: 'q', status: 'Denied' } })).toMatchObject({
      ok: false,
      error: { reason: 'forbidden_by_policy', facts: { retry: 'never', code: 'Denied', status: 201 } },
    });
    expect(outcome(giveRole, { status: 201, body: { id: 'q', status: 'Failed' } })).toMatchObject({
      error: { reason: 'unanswered', facts: { retry: 'later' } },
    });
    expect(reported).toEqual([]);
  });

  it.each([200, 204, 302, 400, 401, 403, 404, 502])(
    'takes nothing that a page of somebody on the way says for an answer of Graph: %s',
    (status) => {
      const page = { status, headers: { 'content-type': 'text/html; charset=utf-8' } };

      for (const call of [
        { do: 'disable', user },
        { do: 'readUser', user },
        { do: 'deleteUser', user },
      ] as const) {
        expect(outcome(call, page)).toMatchObject({ ok: false, error: { reason: 'unanswered' } });
      }
    },
  );

  it('tells the unit that is not there from a user that is not there yet', () => {
    const join: DirectoryCall = { do: 'addToUnit', user, unitId: idOf('unit-7') };
    const notThere = (id: string) => ({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound', message: `Resource '${id}' does not exist.` } },
    });

    expect(outcome(join, notThere('unit-7'))).toMatchObject({ error: { reason: 'gone' } });
    expect(outcome(join, notThere('u'))).toMatchObject({ error: { reason: 'replication' } });
  });
});
