import {
  KNOWN_SIGN_IN_CODES,
  roleInUnit,
  type CatalogueUnit,
  type StoppingPolicy,
  type TenantInspection,
  type TenantSurvey,
} from '#core/accounts';
import { HOUR, idOf, SECOND } from '#core/shared';
import { LINE_IDS, type LineId, type ValidateLine } from '#core/tenancy';
import { FAKE_PASS_POLICY, fakeCatalogueGroup } from '#core/testing';
import {
  aPolicy,
  aSurvey,
  GLOBAL_ADMIN,
  known,
  refused,
  tenantFacts,
  VALIDATED_AT,
} from '../testing/tenant-facts.samples.js';
import { judge } from './judge.js';
import { verdictOf } from './line.js';
import type { TenantFacts } from './tenant-facts.js';

const DAY = 24 * HOUR;
const GROUP = idOf<'entra group'>('group');

const lineOf = (id: LineId, changes: Partial<TenantFacts>): ValidateLine => {
  const line = judge({ ...tenantFacts(), ...changes }).find((each) => each.id === id);
  if (line === undefined) throw new Error(`There is no line ${id}.`);
  return line;
};
const surveyed = (changes: Partial<TenantSurvey>): Partial<TenantFacts> => ({
  survey: known(aSurvey(changes)),
});
const inspected = (changes: Partial<TenantInspection>): Partial<TenantFacts> => {
  const { inspection } = tenantFacts();
  return { inspection: known({ ...inspection.value, ...changes }) };
};
const connected = (changes: Partial<TenantFacts['connection']>): Partial<TenantFacts> => ({
  connection: { ...tenantFacts().connection, ...changes },
});

describe('Validate', () => {
  it('has one line for each thing, in the order in which they are mended', () => {
    const lines = judge(tenantFacts());

    expect(lines.map(({ id }) => id)).toEqual([...LINE_IDS]);
    expect(lines.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verdictOf(lines)).toBe('pass');
  });

  it('says how to mend whatever is not as it should be', () => {
    const closed = refused('consent_missing');
    const dark: TenantFacts = { ...tenantFacts(), inspection: closed, survey: closed, roles: closed };

    for (const line of judge(dark)) {
      expect(line.mend === null).toBe(line.verdict === 'pass');
      expect(line.says).not.toBe('');
    }
  });

  it('is as grave as its gravest line', () => {
    const of = (...verdicts: readonly ValidateLine['verdict'][]) =>
      verdictOf(verdicts.map((verdict) => ({ verdict })));
    expect([of(), of('pass', 'warn'), of('warn', 'fail', 'pass')]).toEqual(['pass', 'warn', 'fail']);
  });

  it('names no line twice and none that there is not, whatever the tenant says', () => {
    const closed = refused('throttled');
    for (const changes of [{ inspection: closed }, { survey: closed }, { roles: closed }, { policies: [] }]) {
      expect(judge({ ...tenantFacts(), ...changes }).map(({ id }) => id)).toEqual([...LINE_IDS]);
    }
  });
});

describe('The line of the token', () => {
  const told = (code?: string) => {
    const why = refused('credential_bad', { workload: 'sign-in', ...(code === undefined ? {} : { code }) });
    return lineOf('token', { inspection: why, survey: why, roles: why });
  };

  it('fails where none can be had, with a mend for each of Entra’s codes', () => {
    const mends = KNOWN_SIGN_IN_CODES.map((code) => told(code));

    expect(mends.every(({ verdict }) => verdict === 'fail')).toBe(true);
    expect(told('AADSTS7000222').mend).toMatch(/run out/);
    expect(told('AADSTS99999').mend).toMatch(/AADSTS99999/);
    expect(told().mend).toMatch(/network/);
  });

  it('passes where Graph was asked, be it in vain', () => {
    const busy = refused('throttled');
    expect(lineOf('token', { inspection: busy, survey: busy })).toMatchObject({ verdict: 'pass' });
  });
});

describe('The lines of the app', () => {
  it('compare tenant, permissions and clock', () => {
    expect(lineOf('tenant', inspected({ tenantId: 'another' }))).toMatchObject({ verdict: 'fail' });
    expect(lineOf('permissions', inspected({ missingPermissions: ['User.ReadWrite.All'] }))).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('User.ReadWrite.All') as string,
    });
    expect(lineOf('permissions', inspected({ recommendedPermissions: ['Directory.Read.All'] })).verdict).toBe(
      'warn',
    );
    const excess = [
      { permission: 'Domain.ReadWrite.All', narrower: ['Domain.Read.All'] },
      { permission: 'User.Invite.All', narrower: [] },
    ];
    expect(lineOf('excess_permissions', surveyed({ excessPermissions: excess })).says).toMatch(
      /Domain\.ReadWrite\.All \(Domain\.Read\.All would do\) and User\.Invite\.All/,
    );
    for (const [aheadMs, verdict] of [
      [31 * SECOND, 'fail'],
      [-31 * SECOND, 'fail'],
      [8 * SECOND, 'warn'],
      [null, 'warn'],
      [900, 'pass'],
    ] as const)
      expect([aheadMs, lineOf('clock', { aheadMs }).verdict]).toEqual([aheadMs, verdict]);
  });

  it('warn before the credential ends, and where nobody knows when', () => {
    const ends = (at: number | null) => lineOf('credential_end', connected({ credentialEndsAt: at })).verdict;

    expect(ends(VALIDATED_AT - 1)).toBe('fail');
    expect(ends(VALIDATED_AT + 59 * DAY)).toBe('warn');
    expect(ends(VALIDATED_AT + 61 * DAY)).toBe('pass');
    expect(ends(null)).toBe('warn');
    expect(
      lineOf('credential_end', connected({ credentialKind: 'federated', credentialEndsAt: null })).verdict,
    ).toBe('pass');
  });

  it('ask for the directory role that the policies make necessary', () => {
    const roles = (...ids: readonly string[]) => known(ids.map((id) => idOf<'entra role'>(id)));
    const none = surveyed({ ownRoles: roles() });
    const users = surveyed({ ownRoles: roles('fe930be7-5e62-47db-91af-98c3a49a38b1') });
    const giving = (gives: { roles?: readonly (typeof GLOBAL_ADMIN)[] }) => ({
      policies: [aPolicy({ gives: { roles: gives.roles ?? [], groups: [] } })],
    });
    const verdict = (changes: Partial<TenantFacts>) => lineOf('directory_role', changes).verdict;

    expect(verdict(none)).toBe('warn');
    expect(verdict({ ...none, ...giving({}) })).toBe('pass');
    expect(verdict(users)).toBe('pass');
    expect(verdict({ ...users, ...giving({ roles: [GLOBAL_ADMIN] }) })).toBe('warn');
    expect(verdict({ ...giving({ roles: [GLOBAL_ADMIN] }) })).toBe('pass');
    expect(verdict(surveyed({ ownRoles: roles(GLOBAL_ADMIN) }))).toBe('warn');
    const protects = new Map([[GROUP, known(fakeCatalogueGroup('Admins', { roleAssignable: true }))]]);
    expect(verdict({ ...surveyed({ ownRoles: roles(), groups: protects }), ...giving({}) })).toBe('warn');
  });
});

describe('The line of taking back', () => {
  const proof = (changes: object) => ({
    proofs: [
      {
        organizationId: idOf<'organization'>('o'),
        customerId: idOf<'customer'>('c'),
        tier: 'admin' as const,
        verdict: 'failed' as const,
        at: VALIDATED_AT,
        app: { cloud: 'global' as const, tenantId: 'tenant', clientId: 'client' },
        cause: { code: 'directory.directory_role_missing', says: '403', mend: 'Assign the role.' },
        run: null,
        dueAt: null,
        rereadAt: null,
        ...changes,
      },
    ],
    policies: [aPolicy({ gives: { roles: [GLOBAL_ADMIN], groups: [] } })],
  });
  const line = (changes: object) => lineOf('take_back', proof(changes));

  it('fails where a canary could not be taken back, and passes where it was or is yet to be', () => {
    expect(line({})).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('403') as string,
      mend: expect.stringContaining('Assign the role.') as string,
    });
    expect(line({ verdict: 'lost' }).verdict).toBe('fail');
    expect(line({ verdict: 'proven', cause: null }).says).toMatch(/^Proven/);
    expect(line({ app: { cloud: 'global', tenantId: 'tenant', clientId: 'another' } }).says).toMatch(
      /^Not proven/,
    );
    expect(lineOf('take_back', { policies: [] }).verdict).toBe('pass');
  });
});

describe('The lines of the tenant', () => {
  it('refuse a domain on which nothing can be made', () => {
    for (const domain of ['nowhere.example', 'new.example', 'fed.example'])
      expect(lineOf('domain', connected({ domain }))).toMatchObject({
        verdict: 'fail',
        mend: expect.stringContaining('contoso.example') as string,
      });
  });

  it('hold passes against the policies that give one', () => {
    const pass = (changes: Partial<typeof FAKE_PASS_POLICY> | object, policy = aPolicy()) =>
      lineOf('passes', {
        ...surveyed({ passPolicy: known({ ...FAKE_PASS_POLICY, ...changes }) }),
        policies: [policy],
      }).verdict;
    const byPassword = aPolicy({ credential: 'password' });
    const givesGroup = aPolicy({ gives: { roles: [], groups: [GROUP] } });

    expect(pass({ enabled: false })).toBe('fail');
    expect(pass({ enabled: false }, byPassword)).toBe('warn');
    expect(pass({ forEverybody: false })).toBe('fail');
    expect(pass({ forEverybody: false, forGroups: [GROUP] }, givesGroup)).toBe('pass');
    expect(pass({ notForGroups: [GROUP] }, givesGroup)).toBe('fail');
    expect(pass({ onceOnly: true })).toBe('warn');
    expect(pass({ maximumMinutes: 30 })).toBe('warn');
    expect(lineOf('passes', surveyed({ passPolicy: known(null) })).verdict).toBe('fail');
  });

  describe('about Conditional Access', () => {
    const stopping = (changes: Partial<StoppingPolicy> = {}): StoppingPolicy => ({
      id: 'ca',
      displayName: 'Keys only',
      enforced: true,
      conditional: false,
      demands: ['phishing-resistant sign-in'],
      forEverybody: true,
      forRoles: [],
      forGroups: [],
      notForRoles: [],
      notForGroups: [],
      ...changes,
    });
    const line = (policy: StoppingPolicy, changes: Partial<TenantFacts> = {}) =>
      lineOf('conditional_access', { ...surveyed({ stoppingPolicies: known([policy]) }), ...changes });
    const admins = {
      policies: [aPolicy({ name: 'Admins', gives: { roles: [GLOBAL_ADMIN], groups: [GROUP] } })],
    };

    it('fail for what stops an account of ours, by name, and warn for what may', () => {
      expect(line(stopping())).toMatchObject({
        verdict: 'fail',
        says: expect.stringContaining('“Keys only”') as string,
      });
      expect(line(stopping({ enforced: false })).verdict).toBe('warn');
      expect(line(stopping({ conditional: true })).verdict).toBe('warn');
    });

    it('go by whom the policy is for, and whom it leaves out', () => {
      const forAdmins = stopping({ forEverybody: false, forRoles: [GLOBAL_ADMIN] });
      expect(line(forAdmins).verdict).toBe('pass');
      expect(line(forAdmins, admins).verdict).toBe('fail');
      expect(line(stopping({ notForGroups: [GROUP] }), admins).verdict).toBe('pass');
      expect(line(stopping({ notForRoles: [GLOBAL_ADMIN] }), admins).verdict).toBe('pass');
    });

    it('pass without a licence for it, and warn where we may not look', () => {
      const closed = { stoppingPolicies: refused('consent_missing') };
      expect(lineOf('conditional_access', surveyed({ ...closed, licence: known('none') })).verdict).toBe(
        'pass',
      );
      expect(lineOf('conditional_access', surveyed(closed)).verdict).toBe('warn');
    });
  });

  it('count Global Administrators', () => {
    const count = (n: number) =>
      lineOf('global_administrators', surveyed({ globalAdministrators: known(n) })).verdict;
    expect([0, 1, 2, 8, 9].map(count)).toEqual(['warn', 'warn', 'pass', 'pass', 'warn']);
  });

  it('look for what the policies give', () => {
    const giving = (roles: readonly string[], groups: readonly (typeof GROUP)[]) => ({
      policies: [aPolicy({ gives: { roles: roles.map((id) => idOf<'entra role'>(id)), groups } })],
    });
    expect(lineOf('policies', { policies: [] }).verdict).toBe('warn');
    expect(lineOf('roles', giving(['not-there'], [])).verdict).toBe('fail');
    expect(lineOf('roles', giving([`${GLOBAL_ADMIN}@/administrativeUnits/berlin`], [])).verdict).toBe('pass');
    const groups = (group: ReturnType<typeof fakeCatalogueGroup> | null) =>
      lineOf('groups', { ...giving([], [GROUP]), ...surveyed({ groups: new Map([[GROUP, known(group)]]) }) });
    expect(groups(null).says).toMatch(/is not in this tenant \(Helpdesk\)/);
    expect(groups(fakeCatalogueGroup('All', { dynamic: true, manageable: false })).says).toMatch(/dynamic/);
    expect(groups(fakeCatalogueGroup('All', { synced: true, manageable: false })).says).toMatch(
      /on-premises/,
    );
    expect(groups(fakeCatalogueGroup('All', { mailEnabled: true, manageable: false })).says).toMatch(/mail/);
    expect(groups(fakeCatalogueGroup('All')).verdict).toBe('pass');
    expect(lineOf('groups', { ...giving([], [GROUP]), ...surveyed({}) }).verdict).toBe('warn');
  });

  it('finds administrative units that are gone, and leaves those alone in which nothing is given', () => {
    const north = idOf<'entra unit'>('north');
    const inNorth = aPolicy({ gives: { roles: [roleInUnit(GLOBAL_ADMIN, north)], groups: [] } });
    const units = (value: CatalogueUnit | null) =>
      lineOf('units', { policies: [inNorth], ...surveyed({ units: new Map([[north, known(value)]]) }) });

    expect(units(null)).toMatchObject({
      verdict: 'fail',
      says: expect.stringMatching(/north \(Helpdesk\)/) as string,
    });
    expect(units({ id: north, displayName: 'North', restricted: false }).verdict).toBe('pass');
    expect(lineOf('units', { policies: [inNorth] }).verdict).toBe('warn');
    expect(lineOf('units', { survey: refused('consent_missing') }).verdict).toBe('pass');
  });
});
