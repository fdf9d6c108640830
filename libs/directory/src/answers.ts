import type {
  AuthenticationMethod,
  DirectoryAnswer,
  DirectoryCall,
  ObservedRole,
  ObservedUser,
} from '#core/accounts';
import { MINUTE, Secret, type GroupId, type Instant } from '#core/shared';
import { entraId, instant, MalformedAnswer, must, text } from './answer-fields.js';
import { methodOf } from './authentication-methods.js';
import { fieldsOf, textOf } from './graph-answer.js';
import type { Lists } from './permissions.js';
import { eligibilityOf, requestedOf, scheduleOf, scopeIn } from './timed-role-answers.js';

export { MalformedAnswer } from './answer-fields.js';

/** The elements of a collection. */
export const elementsOf = (body: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const { value } = fieldsOf(body);
  return must(Array.isArray(value) ? value : null, 'value').map(fieldsOf);
};

const userOf = (body: unknown): ObservedUser => {
  const fields = fieldsOf(body);
  const enabled = fields['accountEnabled'];
  return {
    objectId: entraId(fields, 'id'),
    upn: text(fields, 'userPrincipalName'),
    // Absent must never be read as false: that would be proof of an end that didn't happen.
    enabled: must(typeof enabled === 'boolean' ? enabled : null, 'accountEnabled'),
    marker: textOf(fieldsOf(fields['onPremisesExtensionAttributes'])['extensionAttribute15']),
    sessionsValidFromAt: instant(fields['signInSessionsValidFromDateTime']),
    passwordChangedAt: instant(fields['lastPasswordChangeDateTime']),
  };
};

const roleOf = (fields: Readonly<Record<string, unknown>>): ObservedRole => ({
  roleId: entraId(fields, 'roleDefinitionId'),
  assignmentId: text(fields, 'id'),
  scope: scopeIn(fields),
});

/** Memberships of directory roles and administrative units are listed too. */
const groupOf = (fields: Readonly<Record<string, unknown>>): GroupId[] =>
  text(fields, '@odata.type') === '#microsoft.graph.group' && !isManagedElsewhere(fields)
    ? [entraId(fields, 'id')]
    : [];

/**
 * Dynamic, synced, or for mail only: Graph takes nobody out of such a group, so it would look like a left-over for ever.
 * Of a group that we may not read everything is null: it counts as an ordinary one.
 */
const isManagedElsewhere = (fields: Readonly<Record<string, unknown>>): boolean => {
  const { groupTypes, mailEnabled, onPremisesSyncEnabled } = fields;
  const is = (type: string): boolean => Array.isArray(groupTypes) && groupTypes.includes(type);
  return (
    is('DynamicMembership') || onPremisesSyncEnabled === true || (mailEnabled === true && !is('Unified'))
  );
};

/** A list of passes alone names no types. */
const methodIn = (fields: Readonly<Record<string, unknown>>, { methods }: Lists): AuthenticationMethod[] => {
  const id = text(fields, 'id');
  if (methods === 'temporaryAccessPassMethods') return [{ kind: 'temporaryAccessPass', id }];
  const method = methodOf(text(fields, '@odata.type'), id);
  return method === null ? [] : [method];
};

/** What Graph leaves out is as it was asked for: from now on, for so long. */
const mintedOf = (body: unknown, { at }: Asked, lifetimeMinutes: number): DirectoryAnswer => {
  const fields = fieldsOf(body);
  const minutes = fields['lifetimeInMinutes'];
  const lifetime = typeof minutes === 'number' && minutes > 0 ? minutes : lifetimeMinutes;
  return {
    did: 'mintPass',
    minted: {
      passId: text(fields, 'id'),
      pass: new Secret(text(fields, 'temporaryAccessPass')),
      expiresAt: (instant(fields['startDateTime']) ?? at) + lifetime * MINUTE,
      usable: isUsable(fields),
    },
  };
};

const isUsable = ({ isUsable: said, methodUsabilityReason }: Readonly<Record<string, unknown>>): boolean => {
  const reason = textOf(methodUsabilityReason)?.toLowerCase() ?? 'enabledbypolicy';
  if (said === true || reason === 'notyetvalid') return true;
  return said !== false && reason === 'enabledbypolicy';
};

/** What an answer is read by. */
interface Asked {
  /** Those that were asked for. */
  readonly lists: Lists;
  /** When it came. */
  readonly at: Instant;
}

type Reader = (body: unknown, asked: Asked) => DirectoryAnswer;
const readers: Partial<Record<DirectoryCall['do'], Reader>> = {
  createUser: (body) => ({ did: 'createUser', objectId: entraId(fieldsOf(body), 'id') }),
  findUser: (body) => ({ did: 'findUser', user: userOf(body) }),
  readUser: (body) => ({ did: 'readUser', user: userOf(body) }),
  listRoleSchedules: (body) => ({
    did: 'listRoleSchedules',
    schedules: elementsOf(body).map(scheduleOf),
  }),
  listEligibilities: (body) => ({
    did: 'listEligibilities',
    eligibilities: elementsOf(body).map(eligibilityOf),
  }),
  assignRoleUntil: (body) => requestedOf('assignRoleUntil', body),
  changeTimedRole: (body) => requestedOf('changeTimedRole', body),
  makeEligible: (body) => requestedOf('makeEligible', body),
  listRoleAssignments: (body) => ({ did: 'listRoleAssignments', roles: elementsOf(body).map(roleOf) }),
  listGroups: (body, { lists: { groups } }) => ({
    did: 'listGroups',
    groups: elementsOf(body).flatMap(groupOf),
    direct: groups === 'memberOf',
  }),
  listMethods: (body, { lists }) => ({
    did: 'listMethods',
    methods: elementsOf(body).flatMap((fields) => methodIn(fields, lists)),
  }),
  assignRole: (body) => ({ did: 'assignRole', assignmentId: textOf(fieldsOf(body)['id']) }),
};

/** What a 2xx answer brought. Throws `MalformedAnswer`. */
export const readAnswer = (call: DirectoryCall, body: unknown, asked: Asked): DirectoryAnswer => {
  if (call.do === 'mintPass') return mintedOf(body, asked, call.lifetimeMinutes);
  return readers[call.do]?.(body, asked) ?? { did: call.do as 'enable', already: false };
};

/** The answer to a refusal that says "it is so already". */
export const alreadySo = (call: DirectoryCall): DirectoryAnswer => {
  if (call.do === 'assignRole') return { did: 'assignRole', assignmentId: null };
  return call.do === 'assignRoleUntil' || call.do === 'makeEligible'
    ? { did: call.do, already: true, status: null, requestId: null, scheduleId: null }
    : { did: call.do as 'enable', already: true };
};

/** No such user, where that is a plain answer; null for calls to which it is a failure. */
export const nobody = (call: DirectoryCall): DirectoryAnswer | null =>
  call.do === 'findUser' || call.do === 'readUser' ? { did: call.do, user: null } : null;

/** Where an answer keeps its list. */
const LISTS: Partial<Record<DirectoryAnswer['did'], string>> = {
  listGroups: 'groups',
  listRoleAssignments: 'roles',
  listMethods: 'methods',
  listRoleSchedules: 'schedules',
  listEligibilities: 'eligibilities',
};

/** Two pages of one list as one. */
export const joined = (first: DirectoryAnswer, next: DirectoryAnswer): DirectoryAnswer => {
  const list = LISTS[first.did];
  if (list !== undefined && first.did === next.did) {
    // TypeScript can't see that two answers of one kind have the same list.
    const [one, other] = [first, next] as unknown as Record<string, readonly unknown[]>[];
    return { ...first, [list]: [...(one?.[list] ?? []), ...(other?.[list] ?? [])] };
  }
  throw new MalformedAnswer(`Graph's answer to ${first.did} goes on as something else.`);
};

/** Where a list goes on; null at its end. */
export const nextLinkOf = (body: unknown): string | null => textOf(fieldsOf(body)['@odata.nextLink']);
