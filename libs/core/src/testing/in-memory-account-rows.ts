import {
  accountErrors,
  CANARY_MS,
  type ManagedAccount,
  type OwnEntitlement,
  type SealedPassword,
  type WorkedAccount,
} from '#core/accounts';
import { earliest, type Instant } from '#core/shared';

/** What the database checks too: an end that is owed has a wake-up, and a technician's account has a technician. */
export const requireSound = (account: ManagedAccount): void => {
  if (account.takeAt !== null && account.dueAt === null)
    throw new Error('An account that owes an end is due.');
  if (account.kind === 'jit' && account.technicianId === null) throw new Error('A jit account has an owner.');
  requireShort(account);
  const { closedAt, dueAt, leftBehindAt, objectId, removal } = account;
  const proven = leftBehindAt !== null || objectId === null || removal !== null;
  if (closedAt !== null && (dueAt !== null || !proven))
    throw new Error('A closed account is proven gone, or left behind, and nothing rings for it.');
};

/** A canary is entitled to something, is deleted, and never lasts longer than its five minutes. */
const requireShort = ({ kind, own, createdAt }: ManagedAccount): void => {
  if (kind !== 'canary') return;
  const isShort =
    own !== null &&
    own.endAction === 'delete' &&
    own.expiresAt <= createdAt + CANARY_MS &&
    own.startsAt >= createdAt;
  if (!isShort) throw new Error('A canary lasts five minutes at the most.');
};

/** A change of intent: times are only ever lowered. */
export const intended = (
  row: ManagedAccount,
  times: { readonly dueAt: Instant; readonly takeAt?: Instant },
): ManagedAccount => ({
  ...row,
  version: row.version + 1,
  dueAt: earliest(row.dueAt, times.dueAt),
  takeAt: earliest(row.takeAt, times.takeAt ?? null),
});

/** The same of what it is entitled to by itself, as sound as the row was. */
export const entitled = (row: ManagedAccount, own: OwnEntitlement, dueAt: Instant): ManagedAccount => {
  const changed = { ...intended(row, { dueAt, takeAt: own.expiresAt }), own };
  requireSound(changed);
  return changed;
};

/** Closed: nothing rings for it, and a claim on it is void. */
export const withoutClockwork = ({ epoch, version }: ManagedAccount) => ({
  dueAt: null,
  takeAt: null,
  verification: null,
  claimedUntil: null,
  version: version + 1,
  epoch: epoch + 1,
});

/** Only what converge may write, whatever else the object carries. */
export const workOf = (account: WorkedAccount, row: ManagedAccount): WorkedAccount => ({
  id: account.id,
  upn: account.upn,
  marker: account.marker,
  objectId: account.objectId,
  mayHold: account.mayHold,
  pristine: account.pristine,
  password: youngerOf(account.password, row.password),
  passwordGeneration: account.passwordGeneration,
  verification: account.verification,
  failure: account.failure,
  removal: account.removal,
  drift: account.drift,
});

/** The same password under another key was sealed anew since it was read: what stands there stays. */
const youngerOf = (written: SealedPassword | null, kept: SealedPassword | null): SealedPassword | null => {
  const isSame = written !== null && kept !== null && written.generation === kept.generation;
  const isAnew = isSame && written.sealed.split('.')[1] !== kept.sealed.split('.')[1];
  return isAnew ? { ...written, sealed: kept.sealed } : written;
};

/** The account that a person has at a customer. */
export const jitOf = (
  rows: readonly ManagedAccount[],
  of: Pick<ManagedAccount, 'customerId' | 'technicianId'>,
): ManagedAccount | undefined =>
  rows.find(
    (row) =>
      row.kind === 'jit' &&
      row.closedAt === null &&
      row.customerId === of.customerId &&
      row.technicianId === of.technicianId,
  );

export const requireFreeName = (
  rows: readonly ManagedAccount[],
  account: Pick<ManagedAccount, 'id' | 'customerId' | 'upn'>,
): void => {
  const taken = rows.some(
    (row) =>
      row.closedAt === null &&
      row.customerId === account.customerId &&
      row.upn === account.upn &&
      row.id !== account.id,
  );
  if (taken) throw accountErrors.refuse('account.exists');
};
