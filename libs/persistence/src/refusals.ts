import { accessErrors } from '#core/access';
import { accountErrors } from '#core/accounts';
import { grantErrors } from '#core/grants';
import { identityErrors } from '#core/identity';
import { sharedErrors, type DomainError } from '#core/shared';

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
  [/_customer_id_fkey/, () => accessErrors.refuse('customer.not_found')],
  [/_technician_id_fkey/, () => identityErrors.refuse('technician.not_found')],
  [/_policy_id_fkey/, () => accessErrors.refuse('access_policy.not_found')],
  [/_group_id_fkey/, () => identityErrors.refuse('technician_group.not_found')],
  [/_grant_id_fkey/, () => grantErrors.refuse('grant.not_found')],
  [/_request_id_fkey/, () => accessErrors.refuse('access_request.not_found')],
  [/_organization_id_fkey/, () => identityErrors.refuse('organization.not_found')],
];

const CONSTRAINT_VIOLATIONS = ['23503', '23505'];
/** A serialization failure or a deadlock: the same work, begun again, meets other circumstances. */
const RETRYABLE = ['40001', '40P01'];
/** No connection to be had, the server stops or starts, or a statement took too long. */
const AWAY = /^(08...|53300|57014|57P0[123])$/;
const AWAY_KINDS = ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'];
/** The driver's own words, which carry no code, for a server that fell silent (`query_timeout`). */
const SILENT = /^Query read timeout$/;
/** Prisma: can't reach, connection closed, no free connection, transaction could not begin in time or ran out of it. */
const AWAY_PRISMA = ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'];

/** The domain's error for what the database refused; anything else as it is. */
export const refusalOf = (error: unknown): unknown => {
  const cause = causeOf(error);
  if (CONSTRAINT_VIOLATIONS.includes(cause.originalCode)) {
    const refusal = byConstraint.find(([name]) => name.test(cause.originalMessage))?.[1]();
    return refusal ?? error;
  }
  return isAway(cause) || AWAY_PRISMA.includes(textIn(error, 'code')) || SILENT.test(textIn(error, 'message'))
    ? Object.assign(sharedErrors.refuse('database.unavailable'), { cause: error })
    : error;
};

const isAway = ({ originalCode, kind }: DatabaseCause): boolean =>
  AWAY.test(originalCode) || AWAY_KINDS.includes(kind);

export const isRetryable = (error: unknown): boolean =>
  textIn(error, 'code') === 'P2034' || RETRYABLE.includes(causeOf(error).originalCode);

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
