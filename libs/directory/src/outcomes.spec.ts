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
          retryAfterSeconds: 2.5,
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
    expect(outcome({ do: 'readUser', user }, { status: 404 })).toMatchObject({
      answer: { did: 'readUser', user: null },
    });
  });
});
