import { groupIdsOf, roleIdsOf } from '../directory/reach.js';
import { asList, asObject, isText, type Json } from '../foundation/json.js';
import type { User } from '../state/model.js';
import type { AccessPolicy, AppliedPolicy } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import { builtInStrengths, type Proof } from './strengths.js';

/** Where somebody signs in to. */
export interface Destination {
  readonly kind: 'portal' | 'securityInfo' | 'resource';
  readonly appId: string;
  readonly clientAppType: 'browser' | 'mobileAppsAndDesktopClients';
}

/** What a policy asks for and the sign-in did not show. */
export type Lack = 'block' | 'device' | 'strength' | 'mfa';

interface Question {
  readonly tenant: Tenant;
  readonly user: User;
  readonly destination: Destination;
  readonly proof: Proof;
}

/**
 * Every Conditional Access policy of the tenant put to one sign-in, by the directory as it is now. Sign-ins here
 * come from Windows, from an unmanaged device, from no named location and without risk.
 */
export function judgeAccess(question: Question): { applied: AppliedPolicy[]; lack: Lack | undefined } {
  const who = {
    user: question.user.id,
    groups: groupIdsOf(question.tenant, question.user.id),
    roles: roleIdsOf(question.tenant, question.user.id),
  };
  const judged = [...question.tenant.accessPolicies.truths()].map((policy) => judge(policy, question, who));
  const lacks = new Set(judged.map(({ lack }) => lack));
  return {
    applied: judged.map(({ applied }) => applied),
    lack: gravest.find((lack) => lacks.has(lack)),
  };
}

const gravest: readonly Lack[] = ['block', 'device', 'strength', 'mfa'];

interface Who {
  readonly user: string;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

function judge({ id, body }: AccessPolicy, question: Question, who: Who) {
  const grant = asObject(body['grantControls']);
  const applies = isMeant(asObject(body['conditions']), question.destination, who);
  const missing = applies ? lackOf(grant, question.proof) : undefined;
  const isEnforced = body['state'] === 'enabled';
  const applied: AppliedPolicy = {
    id,
    displayName: String(body['displayName']),
    result: resultOf(body['state'], applies, missing),
    enforcedGrantControls: applies ? controlsOf(grant).map(({ name }) => name) : [],
  };
  return { applied, lack: isEnforced ? missing : undefined };
}

function resultOf(state: unknown, applies: boolean, missing: Lack | undefined): string {
  if (state === 'disabled') return 'notEnabled';
  const result = applies ? (missing === undefined ? 'success' : 'failure') : 'notApplied';
  return state === 'enabled' ? result : `reportOnly${result.charAt(0).toUpperCase()}${result.slice(1)}`;
}

function isMeant(conditions: Json, destination: Destination, who: Who): boolean {
  return (
    isMeantUser(asObject(conditions['users']), who) &&
    isMeantApp(asObject(conditions['applications']), destination) &&
    isMeantClient(conditions, destination) &&
    isMeantPlace(conditions) &&
    riskNames.every((name) => asList(conditions[name]).length === 0)
  );
}

const riskNames = ['signInRiskLevels', 'userRiskLevels', 'servicePrincipalRiskLevels'];

/** Exclusion beats inclusion. */
function isMeantUser(users: Json, who: Who): boolean {
  const names = (property: string): string[] =>
    asList(users[property]).map((name) => String(name).toLowerCase());
  const isNamed = (side: 'include' | 'exclude'): boolean => {
    const named = names(`${side}Users`);
    return (
      named.includes('all') ||
      named.includes(who.user) ||
      names(`${side}Groups`).some((id) => who.groups.has(id)) ||
      names(`${side}Roles`).some((id) => who.roles.has(id))
    );
  };
  return isNamed('include') && !isNamed('exclude');
}

function isMeantApp(applications: Json, { kind, appId }: Destination): boolean {
  const actions = asList(applications['includeUserActions']);
  if (kind === 'securityInfo') return actions.includes('urn:user:registersecurityinfo');
  const isNamed = (property: string): boolean => {
    const named = asList(applications[property]).map((name) => String(name).toLowerCase());
    return (
      named.includes('all') ||
      named.includes(appId) ||
      (kind === 'portal' && named.includes('microsoftadminportals'))
    );
  };
  return isNamed('includeApplications') && !isNamed('excludeApplications');
}

function isMeantClient(conditions: Json, { clientAppType }: Destination): boolean {
  const types = asList(conditions['clientAppTypes']);
  const platforms = asObject(conditions['platforms']);
  return (
    (types.length === 0 || types.includes('all') || types.includes(clientAppType)) &&
    includes(platforms, 'Platforms', ['all', 'windows'])
  );
}

const isMeantPlace = (conditions: Json): boolean =>
  includes(asObject(conditions['locations']), 'Locations', ['All']);

/** No condition at all holds for everybody. */
function includes(condition: Json, noun: string, ours: readonly string[]): boolean {
  const included = asList(condition[`include${noun}`]);
  const isOurs = (name: unknown): boolean => isText(name) && ours.includes(name);
  return (
    (included.length === 0 || included.some(isOurs)) && !asList(condition[`exclude${noun}`]).some(isOurs)
  );
}

interface Control {
  readonly name: string;
  readonly lack: Lack;
  readonly isMet: (proof: Proof) => boolean;
}

function lackOf(grant: Json, proof: Proof): Lack | undefined {
  const controls = controlsOf(grant);
  const unmet = controls.filter((control) => !control.isMet(proof));
  const isEnough = grant['operator'] === 'AND' ? unmet.length === 0 : unmet.length < controls.length;
  if (controls.length === 0 || isEnough) return undefined;
  const lacks = unmet.map(({ lack }) => lack);
  // Of alternatives the one that a person can still show is asked for.
  const order = grant['operator'] === 'AND' ? gravest : [...gravest].reverse();
  return lacks.includes('block') ? 'block' : order.find((lack) => lacks.includes(lack));
}

function controlsOf(grant: Json): Control[] {
  const controls = asList(grant['builtInControls']).map((name) => builtInControl(String(name)));
  const strengthId = asObject(grant['authenticationStrength'])['id'];
  const strength = builtInStrengths.find(({ id }) => id === strengthId);
  if (strength === undefined) return controls;
  return [
    ...controls,
    {
      name: strength.displayName,
      lack: 'strength',
      isMet: ({ modes }) => strength.allowedCombinations.includes(modes),
    },
  ];
}

/** Nothing but MFA can be shown here: no device is managed. */
function builtInControl(name: string): Control {
  if (name === 'mfa') return { name, lack: 'mfa', isMet: ({ isMfa }) => isMfa };
  return { name, lack: name === 'block' ? 'block' : 'device', isMet: () => false };
}
