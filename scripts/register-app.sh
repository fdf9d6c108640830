#!/usr/bin/env bash
# Registers Curfew in a customer's tenant with the Azure CLI: an app of that tenant alone, the permissions of docs/permissions.md
# and no others, consent to exactly these, one directory role, and the public half of a certificate. May be repeated: what is there is
# kept. Makes no client secret. Every click that does the same: docs/onboarding.md.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: register-app.sh --tenant <id> --certificate <file.cer> [--name <name>] [--app-id <id>] [--recommended] [--without-role]

  --tenant        the customer's tenant id; it must be the one that `az login --tenant <id> --allow-no-subscriptions` signed in to
  --certificate   the certificate that Curfew will sign in with, its public half alone (PEM or DER)
  --name          of the app registration; Curfew unless said
  --app-id        an app registration that is there, by its client id
  --recommended   the two permissions that Curfew works without, but sees less, too
  --without-role  not the directory role: disabling admins then follows Entra's lag
USAGE
}

# Permission id, its name, and what it is for. The same list as in docs/permissions.md and scripts/register-app.ps1.
NEEDED=(
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
RECOMMENDED=(
  '50483e42-d915-4231-9639-7fdb7fd190e5 UserAuthenticationMethod.ReadWrite.All see and delete methods registered during a grant'
  '7ab1d382-f21e-4acd-a863-ba3e13f7da61 Directory.Read.All tell a group added by hand from a nested one, list units'
)
MICROSOFT_GRAPH='00000003-0000-0000-c000-000000000000'
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR='7be44c8a-adaf-4e2a-84d6-ab2649e08a13'
# What was made a moment ago is not known everywhere at once.
TRIES=10
TRY_AGAIN_SECONDS="${CURFEW_TRY_AGAIN_SECONDS:-3}"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
say() { printf '%s\n' "$*" >&2; }

get() { az rest --method GET --url "$graph/v1.0/$1" --query "$2" --output "${3:-tsv}"; }
send() {
  az rest --method "$1" --url "$graph/v1.0/$2" --headers 'Content-Type=application/json' --body "$3" \
    --query "${4:-id}" --output tsv
}
again() {
  local try
  for ((try = 1; try < TRIES; try++)); do
    "$@" && return 0
    sleep "$TRY_AGAIN_SECONDS"
  done
  "$@"
}

tenant='' certificate='' name='Curfew' app_id='' recommended=no role=yes
while (($# > 0)); do
  case "$1" in
    --tenant) tenant="${2:-}"; shift ;;
    --certificate) certificate="${2:-}"; shift ;;
    --name) name="${2:-}"; shift ;;
    --app-id) app_id="${2:-}"; shift ;;
    --recommended) recommended=yes ;;
    --without-role) role=no ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift || { usage >&2; exit 2; }
done

guid='^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
[[ "$tenant" =~ $guid ]] || fail 'Name the tenant by its id: --tenant xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'
[[ -z "$app_id" || "$app_id" =~ $guid ]] || fail 'The client id of --app-id is none.'
[[ "$name" =~ ^[A-Za-z0-9][A-Za-z0-9\ ._-]{0,59}$ ]] || fail 'The name may have letters, digits, blanks, dots, _ and -, up to 60.'
[[ -r "$certificate" ]] || fail 'Name the certificate: --certificate curfew.cer'
if grep -aq 'PRIVATE KEY' "$certificate"; then fail 'This file holds a private key, which is for Curfew alone. Give the certificate.'; fi
if grep -aq 'BEGIN CERTIFICATE' "$certificate"; then
  (($(grep -ac 'BEGIN CERTIFICATE' "$certificate") == 1)) || fail 'This file holds several certificates. Give the one of Curfew.'
  der="$(sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/{/CERTIFICATE/d;p;}' "$certificate" | tr -d '\r\n ')"
else
  der="$(base64 <"$certificate" | tr -d '\r\n')"
fi
[[ "$der" =~ ^MII[A-Za-z0-9+/]+=*$ ]] || fail 'This is no X.509 certificate, neither as PEM nor as DER.'

signed_in="$(az account show --query tenantId --output tsv)" || fail "Sign in first: az login --tenant $tenant --allow-no-subscriptions"
[[ "${signed_in,,}" == "${tenant,,}" ]] || fail "The Azure CLI is signed in to $signed_in. Sign in to the customer: az login --tenant $tenant --allow-no-subscriptions"
graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)"
graph="${graph%/}"

# The app: the one that is named, or the only one of that name. Names prove nothing, and what is made here is as strong as a Global
# Administrator: one that somebody else can sign in as already is not taken for ours.
found=''
if [[ -z "$app_id" ]]; then
  found="$(get "applications?\$filter=displayName%20eq%20'${name// /%20}'&\$select=appId" 'value[].appId')"
  (($(grep -c . <<<"$found" || true) <= 1)) || fail "There are several app registrations called $name. Say which: --app-id <client id>"
  app_id="$found"
fi
if [[ -z "$app_id" ]]; then
  app_id="$(send POST applications "{\"displayName\":\"$name\",\"signInAudience\":\"AzureADMyOrg\"}" appId)"
  say "Registered $name."
  found=''
fi
app="applications(appId='$app_id')"
secrets="$(again get "$app?\$select=passwordCredentials" 'length(passwordCredentials)')"
foreign="$(get "$app?\$select=keyCredentials" "length(keyCredentials[?key!='$der'])")"
if [[ -n "$found" ]] && ((secrets + foreign > 0)); then
  fail "The app registration $name ($app_id) has credentials that are not this certificate. If it is Curfew's, say so: --app-id $app_id"
fi
((secrets + foreign == 0)) || say "It has $secrets client secrets and $foreign other certificates: remove those that nobody needs."

# The certificate beside those that are there: the list is written as a whole.
keys="$(get "$app?\$select=keyCredentials" keyCredentials json)"
if [[ "$keys" != *"\"$der\""* ]]; then
  own="{\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\",\"displayName\":\"Curfew\",\"key\":\"$der\"}"
  kept="$(tr -d '\r\n' <<<"$keys")"
  kept="${kept#[}"
  kept="${kept%]}"
  [[ -z "${kept// /}" ]] || own="$kept,$own"
  again send PATCH "$app" "{\"keyCredentials\":[$own]}" >/dev/null
  say 'Added the certificate.'
fi

wanted=("${NEEDED[@]}")
[[ "$recommended" == no ]] || wanted+=("${RECOMMENDED[@]}")
access=''
for entry in "${wanted[@]}"; do access+="${access:+,}{\"id\":\"${entry%% *}\",\"type\":\"Role\"}"; done
again send PATCH "$app" "{\"requiredResourceAccess\":[{\"resourceAppId\":\"$MICROSOFT_GRAPH\",\"resourceAccess\":[$access]}]}" >/dev/null

principal="$(get "servicePrincipals?\$filter=appId%20eq%20'$app_id'&\$select=id" 'value[].id')"
[[ -n "$principal" ]] || principal="$(again send POST servicePrincipals "{\"appId\":\"$app_id\"}")"
resource="$(get "servicePrincipals?\$filter=appId%20eq%20'$MICROSOFT_GRAPH'&\$select=id" 'value[].id')"

# Consent, permission by permission.
given="$(again get "servicePrincipals/$principal/appRoleAssignments?\$top=999" "value[?resourceId=='$resource'].appRoleId")"
for entry in "${wanted[@]}"; do
  read -r permission permission_name reason <<<"$entry"
  if ! grep -qi "^$permission" <<<"$given"; then
    body="{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$permission\"}"
    again send POST "servicePrincipals/$resource/appRoleAssignedTo" "$body" >/dev/null
    say "Consented to $permission_name: $reason."
  fi
done
for permission in $given; do
  [[ "${NEEDED[*]} ${RECOMMENDED[*]}" == *"${permission,,}"* ]] ||
    say "It holds $permission too, which Curfew does not ask for. Validate says what that is."
done

if [[ "$role" == yes ]]; then
  held="$(get "roleManagement/directory/roleAssignments?\$filter=principalId%20eq%20'$principal'" \
    "value[?roleDefinitionId=='$PRIVILEGED_AUTHENTICATION_ADMINISTRATOR' && directoryScopeId=='/'].id")"
  if [[ -z "$held" ]]; then
    body="{\"principalId\":\"$principal\",\"roleDefinitionId\":\"$PRIVILEGED_AUTHENTICATION_ADMINISTRATOR\",\"directoryScopeId\":\"/\"}"
    again send POST roleManagement/directory/roleAssignments "$body" >/dev/null ||
      fail 'All but the directory role was done. Assign Privileged Authentication Administrator by hand: docs/onboarding.md, step 5.'
    say 'Assigned Privileged Authentication Administrator.'
  fi
fi

printf 'tenant id: %s\nclient id: %s\n' "$tenant" "$app_id"
say 'Next: PUT /api/v1/customers/{id}/entra-connection with these two, the credential, and the domain for'
say 'accounts; then Validate: POST /api/v1/customers/{id}/entra-connection/validate.'
