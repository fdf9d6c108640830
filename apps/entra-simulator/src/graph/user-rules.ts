import { isComplexEnough } from '../directory/passwords.js';
import { asObject, isText, type Json } from '../foundation/json.js';
import type { Domain } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import { badRequest, denied, invalidProperty, invalidValue, type GraphError } from './errors.js';

const localPart = /^[A-Za-z0-9'._!#^~-]+$/;
const badNickname = /[@()\\[\]";:<>, ]|[^\x20-\x7e]/;
const longest = { userPrincipalName: 113, localPart: 64, domain: 48 };
/** Graph takes these from a signed-in user only. */
const delegatedOnly = [
  'aboutMe',
  'birthday',
  'employeeHireDate',
  'interests',
  'mySite',
  'pastProjects',
  'responsibilities',
  'schools',
  'skills',
];
/** Refuses what Graph would refuse of a new user, in Graph's words. */
export function checkNewUser(tenant: Tenant, body: Json): void {
  const password = asObject(body['passwordProfile'])['password'];
  if (!isText(password)) throw requiredProperty('password');
  const userPrincipalName = String(body['userPrincipalName']);
  const domain = checkUserPrincipalName(tenant, userPrincipalName);
  if (domain.authenticationType === 'Federated' && !isText(body['onPremisesImmutableId'])) {
    throw requiredProperty('onPremisesImmutableId');
  }
  checkProperties(body);
  checkPassword(password, userPrincipalName);
  refuseTaken(tenant, userPrincipalName);
}

export function checkUserPrincipalName(tenant: Tenant, userPrincipalName: string): Domain {
  const parts = userPrincipalName.split('@');
  const [local = '', domainName = ''] = parts;
  if (parts.length < 2) throw unverifiedDomain();
  if (parts.length > 2 || !localPart.test(local) || local.endsWith('.') || isTooLong(userPrincipalName)) {
    throw badRequest('One or more properties contains invalid values.');
  }
  const domain = tenant.config.domains.find((one) => one.name.toLowerCase() === domainName.toLowerCase());
  if (domain?.isVerified !== true) throw unverifiedDomain();
  return domain;
}

/** Against the write store, whatever the replicas still show. */
export function refuseTaken(tenant: Tenant, userPrincipalName: string, ownId?: string): void {
  const [owner] = tenant.users.lookUp('upn', userPrincipalName.toLowerCase());
  if (owner === undefined || owner.id === ownId) return;
  const message = 'Another object with the same value for property userPrincipalName already exists.';
  throw badRequest(message, [{ code: 'ObjectConflict', message, target: 'userPrincipalName' }]);
}

/** What the tables of body rules do not hold: the letters of a nickname, and what only a person may write. */
export function checkProperties(body: Json): void {
  const nickname = body['mailNickname'];
  if (isText(nickname) && badNickname.test(nickname)) throw invalidProperty('mailNickname');
  const forbidden = delegatedOnly.find((name) => name in body);
  if (forbidden !== undefined) throw denied();
}

export function checkPassword(password: string, userPrincipalName: string): void {
  if (isComplexEnough(password, userPrincipalName)) return;
  throw badRequest(
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
  );
}

const isTooLong = (userPrincipalName: string): boolean => {
  const [local = '', domain = ''] = userPrincipalName.split('@');
  return (
    userPrincipalName.length > longest.userPrincipalName ||
    local.length > longest.localPart ||
    domain.length > longest.domain
  );
};

const requiredProperty = (name: string): GraphError =>
  badRequest(`A value is required for property '${name}' of resource 'User'.`);

const unverifiedDomain = (): GraphError =>
  invalidValue(
    'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    'userPrincipalName',
  );
