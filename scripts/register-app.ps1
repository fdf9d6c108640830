<#
.SYNOPSIS
Registers Curfew in a customer's tenant with Microsoft Graph PowerShell.

.DESCRIPTION
An app of that tenant alone, the permissions of docs/permissions.md and no others, consent to exactly these, one directory role, and the
public half of a certificate. May be repeated: what is there is kept. Makes no client secret. Every click that does the same:
docs/onboarding.md. Needs the module Microsoft.Graph.Authentication.

.PARAMETER TenantId
The customer's tenant.

.PARAMETER Certificate
The certificate that Curfew will sign in with, its public half alone (PEM or DER).

.PARAMETER Name
Of the app registration.

.PARAMETER AppId
An app registration that is there, by its client id.

.PARAMETER Recommended
The two permissions that Curfew works without, but sees less, too.

.PARAMETER WithoutRole
Not the directory role: disabling admins then follows Entra's lag.

.PARAMETER Environment
The cloud: Global, USGov, USGovDoD or China.
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)] [guid] $TenantId,
  [Parameter(Mandatory)] [string] $Certificate,
  [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$')] [string] $Name = 'Curfew',
  [Nullable[guid]] $AppId,
  [switch] $Recommended,
  [switch] $WithoutRole,
  [ValidateSet('Global', 'USGov', 'USGovDoD', 'China')] [string] $Environment = 'Global'
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Permission id, its name, and what it is for. The same list as in docs/permissions.md and scripts/register-app.sh.
$needed = @(
  '741f803b-c850-494e-b5df-cde7c675a1ca User.ReadWrite.All create accounts, read them back, revoke sessions, delete'
  '3011c876-62b7-4ada-afa2-506cbbecc68c User.EnableDisableAccount.All enable and disable'
  'cc117bb9-00cf-4eb8-b580-ea2a878fe8f7 User-PasswordProfile.ReadWrite.All set and scramble passwords'
  '627169a8-8c15-451c-861a-5b80e383de5c UserAuthMethod-TAP.ReadWrite.All make and delete Temporary Access Passes'
  'dbaae8cf-10b5-4b86-a4a1-f871c94c6695 GroupMember.ReadWrite.All put accounts into groups and take them out'
  '5b567255-7703-4780-807c-7be8301ae99b Group.Read.All read memberships, list groups'
  '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8 RoleManagement.ReadWrite.Directory assign and remove directory roles'
  'dbb9058a-0e50-45d7-ae91-66909b5d4664 Domain.Read.All check the domain for accounts'
  '498476ce-e0fe-48b0-b801-37ba7e2685c6 Organization.Read.All check the identity of the tenant'
  '8e3bc81b-d2f3-4b7b-838c-32c88218d2f0 Policy.Read.AuthenticationMethod know whether passes are allowed, and for how long'
)
$recommendedToo = @(
  '50483e42-d915-4231-9639-7fdb7fd190e5 UserAuthenticationMethod.ReadWrite.All see and delete methods registered during a grant'
  '7ab1d382-f21e-4acd-a863-ba3e13f7da61 Directory.Read.All tell a group added by hand from a nested one, list units'
)
$microsoftGraph = '00000003-0000-0000-c000-000000000000'
$privilegedAuthenticationAdministrator = '7be44c8a-adaf-4e2a-84d6-ab2649e08a13'

function Read-Certificate([string] $Path) {
  $bytes = [IO.File]::ReadAllBytes((Resolve-Path -LiteralPath $Path).ProviderPath)
  $text = [Text.Encoding]::ASCII.GetString($bytes)
  if ($text.Contains('PRIVATE KEY')) { throw 'This file holds a private key, which is for Curfew alone. Give the certificate.' }
  $pem = [regex]::Matches($text, '-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----')
  if ($pem.Count -gt 1) { throw 'This file holds several certificates. Give the one of Curfew.' }
  if ($pem.Count -eq 1) { $der = $pem[0].Groups[1].Value -replace '\s', '' } else { $der = [Convert]::ToBase64String($bytes) }
  if ($der -cnotmatch '^MII[A-Za-z0-9+/]+=*$') { throw 'This is no X.509 certificate, neither as PEM nor as DER.' }
  $der
}

function Get-Graph([string] $Path) {
  Invoke-MgGraphRequest -Method GET -Uri "/v1.0/$Path" -OutputType PSObject
}

function Send-Graph([string] $Method, [string] $Path, [hashtable] $Body) {
  $json = ConvertTo-Json -InputObject $Body -Depth 6 -Compress
  # What was made a moment ago is not known everywhere at once.
  for ($try = 1; ; $try++) {
    try {
      return Invoke-MgGraphRequest -Method $Method -Uri "/v1.0/$Path" -Body $json -ContentType 'application/json' -OutputType PSObject
    }
    catch {
      if ($try -ge 10) { throw }
      Start-Sleep -Seconds 3
    }
  }
}

$der = Read-Certificate $Certificate
# The least with which this can be done; they are the signed-in admin's, for this session alone.
$scopes = 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'
Connect-MgGraph -TenantId $TenantId -Scopes $scopes -Environment $Environment -ContextScope Process -NoWelcome
if ([guid](Get-MgContext).TenantId -ne $TenantId) { throw "Signed in to another tenant than $TenantId." }

# The app: the one that is named, or the only one of that name. Names prove nothing, and what is made here is as strong as a Global
# Administrator: one that somebody else can sign in as already is not taken for ours.
$isFound = $false
$clientId = if ($null -ne $AppId) { "$AppId" } else { $null }
if ($null -eq $clientId) {
  $filter = [uri]::EscapeDataString("displayName eq '$Name'")
  $apps = @((Get-Graph "applications?`$filter=$filter&`$select=appId").value)
  if ($apps.Count -gt 1) { throw "There are several app registrations called $Name. Say which: -AppId <client id>" }
  if ($apps.Count -eq 1) { $clientId = $apps[0].appId; $isFound = $true }
}
if ($null -eq $clientId) {
  $clientId = (Send-Graph POST 'applications' @{ displayName = $Name; signInAudience = 'AzureADMyOrg' }).appId
  Write-Host "Registered $Name."
}
$app = "applications(appId='$clientId')"
$known = $null
for ($try = 1; $null -eq $known; $try++) {
  try { $known = Get-Graph "$app`?`$select=passwordCredentials,keyCredentials" }
  catch { if ($try -ge 10) { throw }; Start-Sleep -Seconds 3 }
}
$keys = @($known.keyCredentials)
$others = @($known.passwordCredentials).Count + @($keys | Where-Object { $_.key -cne $der }).Count
if ($isFound -and $others -gt 0) {
  throw "The app registration $Name ($clientId) has credentials that are not this certificate. If it is Curfew's, say so: -AppId $clientId"
}
if ($others -gt 0) { Write-Host "It has $others other credentials: remove those that nobody needs." }

# The certificate beside those that are there: the list is written as a whole.
if (@($keys | Where-Object { $_.key -ceq $der }).Count -eq 0) {
  $own = @{ type = 'AsymmetricX509Cert'; usage = 'Verify'; displayName = 'Curfew'; key = $der }
  Send-Graph PATCH $app @{ keyCredentials = @($keys) + @($own) } | Out-Null
  Write-Host 'Added the certificate.'
}

$wanted = @($needed)
if ($Recommended) { $wanted += $recommendedToo }
$access = @($wanted | ForEach-Object { @{ id = $_.Split(' ')[0]; type = 'Role' } })
Send-Graph PATCH $app @{ requiredResourceAccess = @(@{ resourceAppId = $microsoftGraph; resourceAccess = $access }) } | Out-Null

function Find-Principal([string] $ClientId) {
  $filter = [uri]::EscapeDataString("appId eq '$ClientId'")
  @((Get-Graph "servicePrincipals?`$filter=$filter&`$select=id").value) | Select-Object -First 1 -ExpandProperty id
}
$principal = Find-Principal $clientId
if (-not $principal) { $principal = (Send-Graph POST 'servicePrincipals' @{ appId = $clientId }).id }
$resource = Find-Principal $microsoftGraph

# Consent, permission by permission.
$given = @((Get-Graph "servicePrincipals/$principal/appRoleAssignments?`$top=999").value |
    Where-Object { $_.resourceId -eq $resource } | ForEach-Object { "$($_.appRoleId)" })
foreach ($entry in $wanted) {
  $permission, $permissionName, $reason = $entry.Split(' ', 3)
  if ($given -contains $permission) { continue }
  $body = @{ principalId = $principal; resourceId = $resource; appRoleId = $permission }
  Send-Graph POST "servicePrincipals/$resource/appRoleAssignedTo" $body | Out-Null
  Write-Host "Consented to ${permissionName}: $reason."
}
$asked = @($needed + $recommendedToo | ForEach-Object { $_.Split(' ')[0] })
$given | Where-Object { $asked -notcontains $_ } |
  ForEach-Object { Write-Host "It holds $_ too, which Curfew does not ask for. Validate says what that is." }

if (-not $WithoutRole) {
  $filter = [uri]::EscapeDataString("principalId eq '$principal'")
  $held = @((Get-Graph "roleManagement/directory/roleAssignments?`$filter=$filter").value |
      Where-Object { $_.roleDefinitionId -eq $privilegedAuthenticationAdministrator -and $_.directoryScopeId -eq '/' })
  if ($held.Count -eq 0) {
    $body = @{ principalId = $principal; roleDefinitionId = $privilegedAuthenticationAdministrator; directoryScopeId = '/' }
    Send-Graph POST 'roleManagement/directory/roleAssignments' $body | Out-Null
    Write-Host 'Assigned Privileged Authentication Administrator.'
  }
}
Disconnect-MgGraph | Out-Null

Write-Output "tenant id: $TenantId"
Write-Output "client id: $clientId"
Write-Host 'Next: PUT /api/v1/customers/{id}/entra-connection with these two, the credential, and the domain for'
Write-Host 'accounts; then Validate: POST /api/v1/customers/{id}/entra-connection/validate.'
