import { idOf } from '#core/shared';
import { credentialRefused } from '#core/tenancy';
import { byHand } from './by-hand.js';
import type { ClosingAccount } from './closing-account.js';
import { closingState } from './closing-account.js';
import { hindranceOf } from './hindrance.js';

const account: ClosingAccount = {
  accountId: idOf('account'),
  technicianId: idOf('ada'),
  upn: "jit-o'neil@contoso.example",
  objectId: idOf('0b1ec7'),
  customer: { id: idOf('contoso'), name: 'Contoso' },
  tenant: { id: '7e4a47', cloud: 'us-government' },
  held: { enabled: true, roles: [idOf('r01e')], groups: [idOf('6209')], pass: true },
  state: 'ending',
  since: 1_000,
  closedAt: null,
  failure: { reason: 'unanswered', message: '503', sinceAt: 1_000, attempts: 3, retryAt: 5_000 },
  throttle: null,
  readBackAt: null,
};

describe('the way to close an account by hand', () => {
  it('signs in to the right cloud and tenant, disables first, then takes each thing that it may hold', () => {
    const { commands, portalUrl } = byHand(account);

    expect(commands[0]).toContain('-Environment USGov -TenantId 7e4a47');
    expect(commands.slice(1, 4)).toEqual([
      "$id = '0b1ec7'",
      'Update-MgUser -UserId $id -AccountEnabled:$false',
      'Revoke-MgUserSignInSession -UserId $id',
    ]);
    expect(commands.join('\n')).toMatch(/roleDefinitionId eq 'r01e'/);
    expect(commands).toContain("Remove-MgGroupMemberByRef -GroupId '6209' -DirectoryObjectId $id");
    expect(commands.join('\n')).toContain('TemporaryAccessPass');
    expect(portalUrl).toBe(
      'https://entra.microsoft.us/7e4a47/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/0b1ec7',
    );
  });

  it('looks a user up whose object id nobody knows, and lets no name end its quotes', () => {
    const { commands, portalUrl } = byHand({ ...account, objectId: null });

    expect(commands[1]).toBe(
      "$id = (Get-MgUser -Filter 'userPrincipalName eq ''jit-o''''neil@contoso.example''').Id",
    );
    expect(portalUrl).toBeNull();
  });

  it('takes nothing that it cannot hold, and knows no portal of a cloud of its own', () => {
    const { commands, portalUrl } = byHand({
      ...account,
      tenant: { id: '7e4a47', cloud: 'custom' },
      held: { enabled: true, roles: [], groups: [], pass: false },
    });

    expect(commands).toHaveLength(4);
    expect(portalUrl).toBeNull();
  });
});

describe('what keeps an account open', () => {
  it('is the throttle of its customer before its own failure, and nothing once it is closed', () => {
    const throttle = { workload: 'directory', until: 9_000, reason: '429' } as const;

    expect(hindranceOf(account)).toEqual({ reason: 'unanswered', message: '503', until: 5_000 });
    expect(hindranceOf({ ...account, throttle })).toEqual({
      reason: 'throttled',
      message: '429',
      until: 9_000,
    });
    const signIn = { ...throttle, workload: 'sign-in' } as const;
    const refused = { ...signIn, reason: credentialRefused('AADSTS7000222') };
    expect(hindranceOf({ ...account, throttle: signIn })?.reason).toBe('throttled');
    expect(hindranceOf({ ...account, throttle: refused })?.reason).toBe('credential_bad');
    expect(hindranceOf({ ...account, failure: null })).toBeNull();
    expect(hindranceOf({ ...account, throttle, state: 'closed' })).toBeNull();
  });
});

describe('how far an account is', () => {
  const ending = { state: 'ending', takenAt: null } as const;
  const taken = { state: 'ending', takenAt: 1 } as const;
  const ended = { state: 'ended', takenAt: 1 } as const;
  const active = { state: 'active', takenAt: null } as const;

  it.each([
    ['open', [active, ended]],
    ['open', [ending, active]],
    ['ending', [ending, taken]],
    ['taken', [taken, ended]],
    ['closed', [ended]],
  ] as const)('%s, by the grant that is least far', (state, grants) => {
    expect(closingState(grants, { anything: true, enabled: false })).toBe(state);
  });

  it('is told by what it holds when it has no grant', () => {
    const states = [true, false].map((anything) => closingState([], { anything, enabled: false }));

    expect(states).toEqual(['open', 'closed']);
  });

  it.each([
    ['open', [active]],
    ['ending', [ending]],
    ['ending', [taken, ended]],
    ['ending', [ended]],
  ] as const)('is %s, and never done, while it may be enabled', (state, grants) => {
    expect(closingState(grants, { anything: true, enabled: true })).toBe(state);
  });
});
