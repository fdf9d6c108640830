import type { DirectoryCall, DirectoryErrorReason } from '#core/accounts';

type Kind = DirectoryCall['do'];

/** What is known about a call that was not answered 2xx. */
export interface FailureFacts {
  readonly call: Kind;
  /** 0: no answer. */
  readonly status: number;
  readonly code: string | null;
  readonly text: string;
  /** The token's roles hold a permission that is good for this call. */
  readonly permitted: boolean;
  /** The text names the group of the call, so it isn't the user that is missing. */
  readonly namesGroup: boolean;
  /** It was a part of a batch, whose own token was accepted. */
  readonly inBatch: boolean;
}

export type Verdict =
  /** A refusal that says: it is so already. */
  'already' | { readonly reason: DirectoryErrorReason; readonly retry: 'later' | 'never' };

/** A row applies when everything that it names fits. */
interface Row {
  readonly status: readonly number[];
  readonly calls?: readonly Kind[];
  readonly code?: RegExp;
  readonly text?: RegExp;
  /** Code or text. */
  readonly words?: RegExp;
  readonly permitted?: boolean;
  readonly namesGroup?: boolean;
  readonly inBatch?: boolean;
  readonly means: Verdict;
}

const later = (reason: DirectoryErrorReason): Verdict => ({ reason, retry: 'later' });
const never = (reason: DirectoryErrorReason): Verdict => ({ reason, retry: 'never' });

const REMOVALS: readonly Kind[] = ['deleteUser', 'removeFromGroup', 'unassignRole', 'deleteMethod'];
const MEMBERSHIP: readonly Kind[] = ['addToGroup', 'removeFromGroup'];
/** A protected user may be touched in these ways only by a service principal with the directory role. */
const SENSITIVE: readonly Kind[] = ['enable', 'disable', 'setPassword', 'deleteUser', 'revokeSessions'];
const METHODS: readonly Kind[] = ['mintPass', 'deleteMethod', 'listMethods'];
/** What was to be made is there: words and codes differ from page to page and from workload to workload. */
const TAKEN =
  /already exist|conflicting object|ObjectConflict|RoleAssignmentExists|MultipleObjectsWithSameKeyValue/i;
const ALREADY_MEMBER = /already (an? )?(\w+ )?member/i;
const ABSENT = /(do|does)( not|n['’]t) exist|DoesNotExist|not (an? )?(\w+ )?member/i;
const SERVER_TROUBLE = [408, 500, 502, 503, 504, 509];

/**
 * The one table of what a failed call means; the first row that fits decides. In brackets, where it is known from:
 * D a Microsoft document, C the source of a client that lives with Graph, I an issue thread or measured by others.
 */
const TABLE: readonly Row[] = [
  // No answer leaves open whether it was carried out; a 5xx does too. [I: js client #330; C: its RetryHandler]
  { status: [0, ...SERVER_TROUBLE], means: later('unanswered') },
  // Its predecessor in the batch failed; it was not looked at. [D: json-batching]
  { status: [424], inBatch: true, means: later('not_tried') },
  // Of an envelope or a lone request it says nothing: an old page has it on an envelope with a throttled part. [D]
  { status: [424], means: later('unanswered') },
  { status: [429], means: later('throttled') },
  // The envelope's token was good a moment ago: Graph is known to refuse valid tokens now and then. [I]
  { status: [401], inBatch: true, means: later('unanswered') },
  // Refused even with a fresh token. Somebody may mend the credential, so it is worth coming back.
  { status: [401], means: later('credential_bad') },

  // What is to be gone is gone. [D: roleAssignment delete; C: Vault takes 204 and 404 on removal alike]
  { status: [404], calls: REMOVALS, means: 'already' },
  // Removed elsewhere a moment ago. [I; M365DSC for the role's own code]
  { status: [400], calls: ['removeFromGroup', 'unassignRole'], words: ABSENT, means: 'already' },
  { status: [400, 409], calls: ['addToGroup'], words: ALREADY_MEMBER, means: 'already' },
  // The role is assigned already; the id of the assignment isn't told. [I; 409 is the cross-tenant variant]
  { status: [400, 409], calls: ['addToGroup', 'assignRole'], words: TAKEN, means: 'already' },
  // The name is taken, be it by us: the core looks the name up. [I: docs #1508]
  { status: [400, 409], calls: ['createUser'], words: TAKEN, means: never('conflict') },

  { status: [404], calls: ['addToGroup'], namesGroup: true, means: never('gone') },
  // Normal for seconds, at times minutes, after a create: replicas. [D: group-post-members; C: Terraform, Vault, CIPP]
  // Whether a user is gone for good is the core's to decide.
  { status: [404], means: later('replication') },
  {
    status: [400],
    words:
      /objects being referenced (do|does)( not|n['’]t) exist|reference-property objects are not present|SubjectNotFound/i,
    means: later('replication'),
  },
  // Comes on good bodies and goes away on the next try. [C: Terraform, user and group create]
  { status: [400], text: /^One or more property values specified are invalid/i, means: later('replication') },
  // "Please wait briefly and retry": two writes met in the tenant. [I]
  { status: [409], means: later('unanswered') },

  { status: [403], code: /QuotaExceeded/i, means: never('quota') },
  { status: [403], permitted: false, means: never('consent_missing') },
  // No Graph permission helps here, only a role at that unit's scope. [D: admin-units-restricted-management]
  {
    status: [403],
    text: /restricted management administrative unit/i,
    means: later('directory_role_missing'),
  },
  // One body for "permission missing" and "role missing"; later, because the user may lose its roles. [D: user-update]
  { status: [403], calls: SENSITIVE, means: later('directory_role_missing') },
  { status: [403], calls: METHODS, means: later('directory_role_missing') },
  // Dynamic groups answer as if consent were missing. [I: CIPP #468, PowerShell SDK #1539]
  { status: [403], calls: MEMBERSHIP, means: never('not_manageable') },
  {
    status: [400],
    calls: MEMBERSHIP,
    text: /mail-enabled security|on-premises mastered/i,
    means: never('not_manageable'),
  },

  // Passes answer in camel case; outside the policy's limits, or reusable where only one use is allowed. [I: docs #12187]
  { status: [400], calls: ['mintPass'], code: /^badRequest$/i, means: never('invalid') },
  {
    status: [400],
    text: /password complexity|domain portion of the userPrincipalName|contains? invalid values?|Invalid value specified/i,
    means: never('invalid'),
  },
  {
    status: [400],
    text: /A value is required|Invalid property|on-premises mastered|not supported to be assigned/i,
    means: never('invalid'),
  },
  { status: [400], code: /^Request_UnsupportedQuery$/, means: never('invalid') },
];

const FLAGS = ['permitted', 'namesGroup', 'inBatch'] as const;

const reads = (row: Row, { text, code }: FailureFacts): boolean =>
  row.code?.test(code ?? '') !== false &&
  row.text?.test(text) !== false &&
  row.words?.test(`${code ?? ''} ${text}`) !== false;

const fits = (row: Row, facts: FailureFacts): boolean =>
  row.status.includes(facts.status) &&
  row.calls?.includes(facts.call) !== false &&
  reads(row, facts) &&
  FLAGS.every((flag) => row[flag] === undefined || row[flag] === facts[flag]);

/** What the failure means; `known` is false when no row fits: then it is `unknown`, to be tried again and reported. */
export const classify = (facts: FailureFacts): { readonly verdict: Verdict; readonly known: boolean } => {
  const row = TABLE.find((candidate) => fits(candidate, facts));
  return { verdict: row?.means ?? later('unknown'), known: row !== undefined };
};
