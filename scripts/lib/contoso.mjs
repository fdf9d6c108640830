// The tenant that `npm start` puts into the simulator: a customer as an MSP has many.

export const contoso = {
  tenantId: 'c0470500-0000-4000-8000-00000000c070',
  clientId: 'c0f3e000-0000-4000-8000-0000000000ff',
  domain: 'contoso.com',
  groups: { helpdesk: 'Helpdesk operators', mail: 'Mail administrators' },
};

/** Template ids, the same in every tenant of the world. */
export const roles = {
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  exchangeAdministrator: '29232cdf-9323-42fd-ade2-1d097af3e4de',
};

/** What docs/permissions.md asks an administrator to consent to. */
export const permissions = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthMethod-TAP.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Directory.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
];

/** Curfew's app in that tenant, which proves itself by this certificate. */
export const contosoApp = (certificate) => ({
  clientId: contoso.clientId,
  displayName: 'Curfew',
  certificates: [certificate],
  permissions,
  directoryRoles: ['Privileged Authentication Administrator'],
});

export const contosoTenant = (certificate) => ({
  displayName: 'Contoso',
  licence: 'P1',
  domains: [
    { name: 'contoso.onmicrosoft.com', isInitial: true },
    { name: contoso.domain, isDefault: true },
  ],
  apps: [contosoApp(certificate)],
  groups: [
    { displayName: contoso.groups.helpdesk },
    { displayName: contoso.groups.mail, isAssignableToRole: true },
  ],
  users: [
    {
      userPrincipalName: `owner@${contoso.domain}`,
      displayName: 'Contoso Owner',
      roles: ['Global Administrator'],
    },
    { userPrincipalName: `ada@${contoso.domain}`, displayName: 'Ada from Accounting' },
  ],
  // As in life: what was written is not everywhere at once.
  lags: { directory: { minMs: 0, maxMs: 800, replicas: 3 }, methods: { minMs: 0, maxMs: 300 } },
});
