import { HOUR, MINUTE, idOf } from '#core/shared';
import type { CustomerFacts } from '#core/tenancy';
import { credentialRefused } from '#core/tenancy';
import { healthOf } from './customer-health.js';

const NOW = Date.UTC(2026, 4, 5, 9);
const DAY = 24 * HOUR;

const facts = (changes: Partial<CustomerFacts> = {}): CustomerFacts => ({
  customer: {
    id: idOf('customer'),
    organizationId: idOf('organization'),
    name: 'Contoso',
    state: 'active',
    createdAt: NOW - DAY,
  },
  connection: {
    state: 'active',
    credentialKind: 'certificate',
    credentialEndsAt: NOW + 200 * DAY,
    capabilities: { mayTouchRoleHolders: true, pass: null, timedRoles: true },
    version: 3,
  },
  secondEndsAt: null,
  closedTiers: [],
  validation: { at: NOW - HOUR, verdict: 'pass', connectionVersion: 3 },
  throttles: [],
  comparedAt: NOW - MINUTE,
  accountsInUse: 2,
  owedEnds: 0,
  unproven: 0,
  owedSince: null,
  ...changes,
});
const connection = (changes: Partial<NonNullable<CustomerFacts['connection']>>) => {
  const { connection: whole } = facts();
  return { connection: whole === null ? null : { ...whole, ...changes } };
};
const found = (changes: Partial<CustomerFacts>): readonly [string, ...string[]] => {
  const { status, reasons } = healthOf(facts(changes), NOW);
  return [status, ...reasons.map(({ cause }) => cause)];
};

describe('The health of a customer', () => {
  it('is good where nothing is wrong', () => {
    expect(found({})).toEqual(['good']);
  });

  it('waits for a connection, and says nothing else of one that is not there', () => {
    const unconnected = { connection: null, validation: null, comparedAt: null, accountsInUse: 0 };
    expect(found(unconnected)).toEqual(['attention', 'not_connected']);
  });

  it('is bad while the credential is refused or has ended, and warns before', () => {
    const refused = { workload: 'sign-in' as const, until: NOW + MINUTE, reason: credentialRefused('no') };
    expect(found({ throttles: [refused] })).toEqual(['bad', 'credential_refused']);
    expect(found(connection({ credentialEndsAt: NOW }))).toEqual(['bad', 'credential_ended']);
    expect(found(connection({ credentialEndsAt: NOW + 59 * DAY }))).toEqual([
      'attention',
      'credential_ends_soon',
    ]);
    expect(found(connection({ credentialEndsAt: null }))).toEqual(['good']);
  });

  it("warns of the end of the revoker's own credential, without which everything still works", () => {
    const worry = ['attention', 'second_credential_ends'];
    expect(found({ secondEndsAt: NOW + 61 * DAY })).toEqual(['good']);
    expect(found({ secondEndsAt: NOW + 59 * DAY })).toEqual(worry);
    expect(found({ secondEndsAt: NOW })).toEqual(worry);
  });

  it('is bad where what is given could not be taken back', () => {
    const closed = (verdict: 'failed' | 'lost') => found({ closedTiers: [{ tier: 'admin', verdict }] });
    expect(closed('failed')).toEqual(['bad', 'take_back_failed']);
    expect(closed('lost')).toEqual(['bad', 'take_back_lost']);
  });

  it('goes by the last Validate, unless the connection was changed since', () => {
    const validated = (verdict: 'warn' | 'fail', connectionVersion = 3) => ({
      validation: { at: NOW, verdict, connectionVersion },
    });
    expect(found({ validation: null })).toEqual(['attention', 'not_validated']);
    expect(found(validated('fail'))).toEqual(['bad', 'validate_failed']);
    expect(found(validated('warn'))).toEqual(['attention', 'validate_warned']);
    expect(found(validated('fail', 2))).toEqual(['attention', 'validated_before_last_change']);
  });

  it('tells of waits, of ends that are owed, and of tenants that nobody compares', () => {
    const throttle = { workload: 'directory' as const, until: NOW + MINUTE, reason: '429' };
    expect(found({ throttles: [throttle] })).toEqual(['attention', 'throttled']);
    expect(found({ throttles: [{ ...throttle, until: NOW }] })).toEqual(['good']);
    expect(found({ owedEnds: 1, owedSince: NOW - MINUTE })).toEqual(['good']);
    expect(found({ owedEnds: 1, owedSince: NOW - MINUTE - 1 })).toEqual(['bad', 'ends_owed']);
    expect(found({ unproven: 1 })).toEqual(['bad', 'ends_unproven']);
    expect(found({ comparedAt: NOW - 11 * MINUTE })).toEqual(['attention', 'not_compared']);
    expect(found({ comparedAt: NOW - 11 * MINUTE, accountsInUse: 0 })).toEqual(['good']);
    expect(found({ comparedAt: null })).toEqual(['attention', 'not_compared']);
  });

  it('names a customer at which disabling follows roles, and one that goes', () => {
    const slow = connection({ capabilities: { mayTouchRoleHolders: false, pass: null, timedRoles: false } });
    expect(found(slow)).toEqual(['attention', 'take_back_slow']);
    expect(found(connection({ state: 'removing' }))).toEqual(['attention', 'removing']);
  });
});
