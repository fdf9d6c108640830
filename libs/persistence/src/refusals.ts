import { accessErrors } from '#core/access';
import { accountErrors } from '#core/accounts';
import { grantErrors } from '#core/grants';
import { identityErrors } from '#core/identity';
import { DomainError, sharedErrors } from '#core/shared';
import { validatingErrors } from '#core/validating';

/** What PostgreSQL said, however deep Prisma has wrapped it; empty where it said nothing. */
interface DatabaseCause {
  readonly originalCode: string;
  readonly originalMessage: string;
  readonly kind: string;
}

/** Which refusal a broken constraint is; found by its name, which is the same in every language of the server. */
const byConstraint: readonly (readonly [RegExp, () => DomainError])[] = [
  [/doorway_key_pkey|organization_pkey/, () => identityErrors.refuse('organization.exists')],
  [/technician_organization_id_username_key/, () => identityErrors.refuse('technician.exists')],
  [/technician_group_organization_id_name_key/, () => identityErrors.refuse('technician_group.exists')],
  [/managed_account_one_jit/, () => accountErrors.refuse('account.exists')],
  [/managed_account_organization_id_customer_id_upn_key/, () => accountErrors.refuse('account.exists')],
  [/entra_connection_one_of_a_tenant/, () => accessErrors.refuse('entra_connection.tenant_taken')],
  [/validation_run_one_running/, () => validatingErrors.refuse('validation_run.running')],
  [/_customer_id_fkey/, () => accessErrors.refuse('customer.not_found')],
  [/_technician_id_fkey/, () => identityErrors.refuse('technician.not_found')],
  [/_policy_id_fkey/, () => accessErrors.refuse('access_policy.not_found')],
  [/_group_id_fkey/, () => identityErrors.refuse('technician_group.not_found')],
  [/_grant_id_fkey/, () => grantErrors.refuse('grant.not_found')],
  [/_request_id_fkey/, () => accessErrors.refuse('access_request.not_found')],
  [/_organization_id_fkey/, () => identityErrors.refuse('organization.not_found')],
];

/** That of a foreign key has two codes: since PostgreSQL 18 what RESTRICT refuses has one of its own. */
const CONSTRAINT_VIOLATIONS = ['23001', '23503', '23505'];
/** A serialization failure or a deadlock: the same work, begun again, meets other circumstances. */
const RETRYABLE = ['40001', '40P01'];
/**
 * A prepared statement that this connection's server does not know, or has under this name already: a pooler has put another one in
 * between. Or the table has changed since it was planned.
 */
const UNPREPARED = ['26000', '42P05'];
const PLANNED_BEFORE = '0A000';
const PLAN_CHANGED = /cached plan must not change result type/;
/** No connection to be had, or the server stops or starts. */
const AWAY = /^(08...|53300|57P0[123])$/;
const AWAY_KINDS = ['DatabaseNotReachable', 'ConnectionClosed', 'TooManyConnections'];
/** Prisma: can't reach, connection closed, no free connection. */
const AWAY_PRISMA = ['P1001', 'P1002', 'P1017', 'P2024'];
/** The driver's own words, which carry no code: no connection in time, or one that was lost. */
const NOT_CONNECTED =
  /^(Connection terminated.*|timeout e(xceeded when trying to connect|xpired)|Client (has encountered a connection error|was closed) and is not queryable)$/;
/** The system's, as far as Prisma's adapter has no name for them. */
const UNREACHABLE = [
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ECONNABORTED',
  'EAI_AGAIN',
];
/**
 * The disk is full; or the server is a replica, which can be read and no more. An error in reading or writing (`58030`) is none of
 * it: one bad block concerns the rows in it, which are tried apart, and no others.
 */
const UNWRITABLE = ['53100', '25006'];
/** PostgreSQL itself stopped what took too long (`statement_timeout` and its like), or a wait for a lock: it is there. */
const TIMED_OUT = ['57014', '25P03', '25P04'];
const LOCKED = '55P03';
/** Prisma has one code for a transaction that ran out of time, and for one that found no connection to begin on. */
const TRANSACTION_FAILED = 'P2028';
const NOT_BEGUN = /Unable to start a transaction/;
/** Our own clock alone says so: Prisma's (`P1008`), the system's, or the driver's, in words of its own (`query_timeout`). */
const SILENT_PRISMA = 'P1008';
const SILENT_KIND = 'SocketTimeout';
const SILENT = /^Query read timeout$/;

/** Asks whether the database is there, on a connection of its own and in bounded time. */
export type Probe = () => Promise<boolean>;

/**
 * The domain's error for what the database refused; anything else as it is. That something took too long is never taken for
 * a database that is away.
 */
export const refusalOf = (error: unknown): unknown => {
  const cause = causeOf(error);
  if (CONSTRAINT_VIOLATIONS.includes(cause.originalCode)) {
    const refusal = byConstraint.find(([name]) => name.test(cause.originalMessage))?.[1]();
    return refusal ?? error;
  }
  const code = accessCode(error, cause);
  return code === null ? error : refused(code, error);
};

/** The same, after asking where only our own clock says that something took too long: a dead network looks alike. */
export const settledRefusalOf = async (error: unknown, answers: Probe): Promise<unknown> => {
  const refusal = refusalOf(error);
  if (!(refusal instanceof DomainError) || refusal.code !== 'database.timed_out') return refusal;
  if (!isSilence(refusal.cause, causeOf(refusal.cause)) || (await answers())) return refusal;
  return refused('database.unavailable', refusal.cause);
};

/** Answers, or throws the domain's error. */
export const answered = async <T>(query: () => Promise<T>, answers: Probe): Promise<T> => {
  try {
    return await query();
  } catch (error) {
    throw await settledRefusalOf(error, answers);
  }
};

type AccessCode = 'database.unavailable' | 'database.unwritable' | 'database.timed_out' | 'database.locked';

const accessCode = (error: unknown, cause: DatabaseCause): AccessCode | null => {
  if (cause.originalCode === LOCKED) return 'database.locked';
  if (UNWRITABLE.includes(cause.originalCode)) return 'database.unwritable';
  if (TIMED_OUT.includes(cause.originalCode) || isSilence(error, cause)) return 'database.timed_out';
  return isAway(error, cause) ? 'database.unavailable' : null;
};

const isAway = (error: unknown, { originalCode, kind }: DatabaseCause): boolean =>
  AWAY.test(originalCode) ||
  AWAY_KINDS.includes(kind) ||
  [...AWAY_PRISMA, ...UNREACHABLE].includes(textIn(error, 'code')) ||
  NOT_CONNECTED.test(textIn(error, 'message')) ||
  isNotBegun(error);

const isNotBegun = (error: unknown): boolean =>
  textIn(error, 'code') === TRANSACTION_FAILED && NOT_BEGUN.test(textIn(error, 'message'));

const isSilence = (error: unknown, { kind }: DatabaseCause): boolean => {
  const [code, message] = [textIn(error, 'code'), textIn(error, 'message')];
  if (code === TRANSACTION_FAILED) return !isNotBegun(error);
  return code === SILENT_PRISMA || kind === SILENT_KIND || SILENT.test(message);
};

const refused = (code: AccessCode, cause: unknown): DomainError =>
  Object.assign(sharedErrors.refuse(code), { cause });

export const isRetryable = (error: unknown): boolean =>
  textIn(error, 'code') === 'P2034' || isRetried(causeOf(error));

const isRetried = ({ originalCode, originalMessage }: DatabaseCause): boolean =>
  [...RETRYABLE, ...UNPREPARED].includes(originalCode) ||
  (originalCode === PLANNED_BEFORE && PLAN_CHANGED.test(originalMessage));

/** The same work lost against others again and again. */
export const contended = (error: unknown): Error =>
  Object.assign(sharedErrors.refuse('database.contended'), { cause: error });

/** Prisma puts the adapter's error under `meta`, or throws it as it is; either has PostgreSQL's words as its cause. */
const causeOf = (error: unknown): DatabaseCause => {
  const wrapped = property(property(property(error, 'meta'), 'driverAdapterError'), 'cause');
  const cause = wrapped ?? property(error, 'cause');
  return {
    originalCode: textIn(cause, 'originalCode'),
    originalMessage: textIn(cause, 'originalMessage'),
    kind: textIn(cause, 'kind'),
  };
};

const property = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

const textIn = (value: unknown, key: string): string => {
  const found = property(value, key);
  return typeof found === 'string' ? found : '';
};
