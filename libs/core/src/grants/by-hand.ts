import type { Cloud } from '#core/tenancy';
import type { ClosingAccount } from './closing-account.js';

/** How somebody closes one account without Curfew: commands for Microsoft Graph PowerShell, and where to click. */
export interface ByHand {
  /** The user's page in the Entra admin center; null: Curfew doesn't know where the tenant's is. */
  readonly portalUrl: string | null;
  readonly commands: readonly string[];
}

const portals: Readonly<Record<Cloud, string | null>> = {
  global: 'https://entra.microsoft.com',
  'us-government': 'https://entra.microsoft.us',
  china: 'https://entra.microsoftonline.cn',
  custom: null,
};

const environments: Readonly<Record<Cloud, string>> = {
  global: 'Global',
  'us-government': 'USGov',
  china: 'China',
  custom: '<your cloud>',
};

const SCOPES =
  'User.ReadWrite.All,User.EnableDisableAccount.All,RoleManagement.ReadWrite.Directory,GroupMember.ReadWrite.All,' +
  'UserAuthenticationMethod.ReadWrite.All';

/** The steps, the disable first: after it nobody signs in any more, whatever becomes of the rest. No secret is in them. */
export const byHand = ({ held, objectId, tenant, upn }: ClosingAccount): ByHand => {
  const cloud = tenant?.cloud ?? 'global';
  const signIn = `Connect-MgGraph -Environment ${environments[cloud]}${
    tenant === null ? '' : ` -TenantId ${tenant.id}`
  } -Scopes ${SCOPES}`;
  const find = `$id = (Get-MgUser -Filter ${quoted(`userPrincipalName eq '${upn.replace(/'/g, "''")}'`)}).Id`;
  return {
    portalUrl: portalOf(tenant, objectId),
    commands: [
      signIn,
      // Made, perhaps, by a call whose answer never came.
      objectId === null ? find : `$id = ${quoted(objectId)}`,
      'Update-MgUser -UserId $id -AccountEnabled:$false',
      'Revoke-MgUserSignInSession -UserId $id',
      ...held.roles.map(
        (role) =>
          `Get-MgRoleManagementDirectoryRoleAssignment -Filter "principalId eq '$id' and roleDefinitionId eq '${role}'" |` +
          ' ForEach-Object { Remove-MgRoleManagementDirectoryRoleAssignment -UnifiedRoleAssignmentId $_.Id }',
      ),
      ...held.groups.map(
        (group) => `Remove-MgGroupMemberByRef -GroupId ${quoted(group)} -DirectoryObjectId $id`,
      ),
      ...(held.pass
        ? [
            'Get-MgUserAuthenticationTemporaryAccessPassMethod -UserId $id | ForEach-Object {' +
              ' Remove-MgUserAuthenticationTemporaryAccessPassMethod -UserId $id' +
              ' -TemporaryAccessPassAuthenticationMethodId $_.Id }',
          ]
        : []),
    ],
  };
};

const portalOf = (tenant: ClosingAccount['tenant'], objectId: ClosingAccount['objectId']): string | null => {
  const host = tenant === null ? null : portals[tenant.cloud];
  if (host === null || tenant === null || objectId === null) return null;
  return `${host}/${tenant.id}/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/${objectId}`;
};

const quoted = (text: string): string => `'${text.replace(/'/g, "''")}'`;
