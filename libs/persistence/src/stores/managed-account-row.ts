import {
  NO_DRIFT,
  heldRole,
  type AccountDrift,
  type AccountKind,
  type Certainty,
  type EligibleState,
  type Failure,
  type HeldRole,
  type ManagedAccount,
  type MayHold,
  type OwnEntitlement,
  type RemovalProof,
  type Retirement,
  type SealedPassword,
  type TimedMark,
  type Verification,
  type WorkedAccount,
} from '#core/accounts';
import { idOf, type GroupId, type Instant, type RoleId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { ManagedAccountModel } from '../generated/models.js';
import {
  absentAs,
  dateOf,
  dateOrNull,
  dictionaryOf,
  flag,
  instantOf,
  instantOrNull,
  isoOrNull,
  listOf,
  oneOf,
  orNull,
  shape,
  text,
  UnreadableRowError,
  whole,
  type Reader,
} from '../reading.js';

const kind = oneOf<AccountKind>('jit', 'laps', 'canary');
const certainty = oneOf<Certainty>('maybe', 'held');
const timedMark = shape<TimedMark>({ givenAt: whole, until: orNull(whole), seen: flag });
const roleRow = shape<Omit<HeldRole, 'timed'> & { readonly timed: TimedMark | null }>({
  certainty,
  assignmentId: orNull(text),
  timed: absentAs(null, timedMark),
});
const roleHeld: Reader<HeldRole> = (value, place) => {
  const role = roleRow(value, place);
  return heldRole(role.certainty, role.assignmentId, role.timed);
};
const eligibleState = oneOf<EligibleState>('found', 'ended');
const mayHoldRow = shape<
  Omit<MayHold, 'eligible'> & { readonly eligible: NonNullable<MayHold['eligible']> | null }
>({
  object: orNull(certainty),
  enabled: orNull(certainty),
  roles: dictionaryOf(roleHeld),
  groups: dictionaryOf(certainty),
  eligible: absentAs(null, dictionaryOf(eligibleState)),
  pass: orNull(shape<NonNullable<MayHold['pass']>>({ certainty, passId: orNull(text) })),
  password: orNull(certainty),
  sessions: flag,
  methods: flag,
});
export const mayHold: Reader<MayHold> = (value, place) => {
  const { eligible, ...held } = mayHoldRow(value, place);
  return eligible === null ? held : { ...held, eligible };
};
const ownEntitlement = orNull(
  shape<OwnEntitlement>({
    enabled: flag,
    roles: listOf<RoleId>((value, place) => idOf(text(value, place))),
    groups: listOf<GroupId>((value, place) => idOf(text(value, place))),
    startsAt: whole,
    expiresAt: whole,
    endAction: oneOf<OwnEntitlement['endAction']>('disable', 'delete'),
  }),
);
const passwordState = oneOf<SealedPassword['state']>('pending', 'set');
const retirement = oneOf<Retirement>(
  'technician_left',
  'customer_removed',
  'connection_removed',
  'unused',
  'ended_with_delete',
);
const removal = orNull(shape<RemovalProof>({ readAt: whole, graphAt: whole }));
const verification = orNull(shape<Verification>({ writtenAt: whole, proofs: whole, nextAt: whole }));
const failureRow = orNull(
  shape<Omit<Failure, 'anewAt'> & { readonly anewAt: Instant | null }>({
    reason: text,
    message: text,
    sinceAt: whole,
    anewAt: absentAs(null, whole),
    attempts: whole,
    retryAt: whole,
    steps: dictionaryOf(whole),
    version: whole,
  }),
);
const failure: Reader<Failure | null> = (value, place) => {
  const row = failureRow(value, place);
  if (row === null) return null;
  const { anewAt, ...known } = row;
  return anewAt === null ? known : { ...known, anewAt };
};

const timedJson = (mark: TimedMark | undefined) =>
  mark === undefined ? {} : { timed: { givenAt: mark.givenAt, until: mark.until, seen: mark.seen } };
const drift = orNull(
  shape<AccountDrift>({
    standing: listOf(text),
    recentAt: listOf(whole),
    // Rows of before it was remembered have none.
    enabledAt: absentAs([], listOf(whole)),
    passwordAt: orNull(whole),
  }),
);

/** Field by field: nothing that an object carries besides reaches the row. */
export const mayHoldJson = (held: MayHold) => ({
  object: held.object,
  enabled: held.enabled,
  roles: Object.fromEntries(
    Object.entries(held.roles).map(([id, role]) => [
      id,
      { certainty: role.certainty, assignmentId: role.assignmentId, ...timedJson(role.timed) },
    ]),
  ),
  groups: { ...held.groups },
  ...(held.eligible === undefined ? {} : { eligible: { ...held.eligible } }),
  pass: held.pass === null ? null : { certainty: held.pass.certainty, passId: held.pass.passId },
  password: held.password,
  sessions: held.sessions,
  methods: held.methods,
});

const verificationJson = (is: Verification | null) =>
  is === null ? null : { writtenAt: is.writtenAt, proofs: is.proofs, nextAt: is.nextAt };

const removalJson = (is: RemovalProof | null) =>
  is === null ? null : { readAt: is.readAt, graphAt: is.graphAt };

const failureJson = (is: Failure | null) =>
  is === null
    ? null
    : {
        reason: is.reason,
        message: is.message,
        sinceAt: is.sinceAt,
        ...(is.anewAt === undefined ? {} : { anewAt: is.anewAt }),
        attempts: is.attempts,
        retryAt: is.retryAt,
        steps: { ...is.steps },
        version: is.version,
      };

export const ownJson = (is: OwnEntitlement) => ({
  enabled: is.enabled,
  roles: [...is.roles],
  groups: [...is.groups],
  startsAt: is.startsAt,
  expiresAt: is.expiresAt,
  endAction: is.endAction,
});

const driftJson = (is: AccountDrift) => ({
  standing: [...is.standing],
  recentAt: [...is.recentAt],
  enabledAt: [...is.enabledAt],
  passwordAt: is.passwordAt,
});

/** What alarms ask of it: the last time, where there was one before within a day. */
const enabledAgainAt = ({ enabledAt }: AccountDrift): Instant | null =>
  enabledAt.length > 1 ? (enabledAt.at(-1) ?? null) : null;

const ownColumn = ({ own }: ManagedAccount) => (own === null ? Prisma.DbNull : ownJson(own));

/** A new row, as the generated client takes it. */
export const managedAccountColumns = (
  account: ManagedAccount,
): Prisma.ManagedAccountUncheckedCreateInput => ({
  organizationId: account.organizationId,
  id: account.id,
  customerId: account.customerId,
  technicianId: account.technicianId,
  kind: account.kind,
  upn: account.upn,
  displayName: account.displayName,
  marker: account.marker,
  objectId: account.objectId,
  mayHold: mayHoldJson(account.mayHold),
  pristine: account.pristine,
  sealedPassword: account.password?.sealed ?? null,
  sealedPasswordState: account.password?.state ?? null,
  sealedPasswordGeneration: account.password?.generation ?? null,
  passwordGeneration: account.passwordGeneration,
  verification: verificationJson(account.verification) ?? Prisma.DbNull,
  failure: failureJson(account.failure) ?? Prisma.DbNull,
  drift: driftJson(account.drift),
  enabledAgainAt: dateOrNull(enabledAgainAt(account.drift)),
  ownEntitlement: ownColumn(account),
  retirement: account.retirement,
  removal: removalJson(account.removal) ?? Prisma.DbNull,
  closedAt: dateOrNull(account.closedAt),
  leftBehindAt: dateOrNull(account.leftBehindAt),
  dueAt: dateOrNull(account.dueAt),
  takeAt: dateOrNull(account.takeAt),
  lookAt: dateOrNull(account.lookAt),
  version: account.version,
  epoch: account.epoch,
  claimedUntil: dateOrNull(account.claimedUntil),
  createdAt: dateOf(account.createdAt),
});

/** What converge writes, with the names of `jsonb_to_recordset` in the statement that takes it. */
export const workedColumns = (account: WorkedAccount) => ({
  id: account.id,
  upn: account.upn,
  marker: account.marker,
  object_id: account.objectId,
  may_hold: mayHoldJson(account.mayHold),
  pristine: account.pristine,
  sealed_password: account.password?.sealed ?? null,
  sealed_password_state: account.password?.state ?? null,
  sealed_password_generation: account.password?.generation ?? null,
  password_generation: account.passwordGeneration,
  verification: verificationJson(account.verification),
  failure: failureJson(account.failure),
  removal: removalJson(account.removal),
  drift: driftJson(account.drift),
  enabled_again_at: isoOrNull(enabledAgainAt(account.drift)),
});

export const managedAccountFromRow = (row: ManagedAccountModel): ManagedAccount => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: idOf(row.customerId),
  technicianId: row.technicianId === null ? null : idOf(row.technicianId),
  kind: kind(row.kind, 'managed_account.kind'),
  upn: row.upn,
  displayName: row.displayName,
  marker: row.marker,
  objectId: row.objectId === null ? null : idOf(row.objectId),
  mayHold: mayHold(row.mayHold, 'managed_account.may_hold'),
  pristine: row.pristine,
  password: passwordOf(row),
  passwordGeneration: row.passwordGeneration,
  verification: verification(row.verification, 'managed_account.verification'),
  failure: failure(row.failure, 'managed_account.failure'),
  drift: drift(row.drift, 'managed_account.drift') ?? NO_DRIFT,
  own: ownEntitlement(row.ownEntitlement, 'managed_account.own_entitlement'),
  retirement: orNull(retirement)(row.retirement, 'managed_account.retirement'),
  removal: removal(row.removal, 'managed_account.removal'),
  closedAt: instantOrNull(row.closedAt),
  leftBehindAt: instantOrNull(row.leftBehindAt),
  dueAt: instantOrNull(row.dueAt),
  takeAt: instantOrNull(row.takeAt),
  lookAt: instantOrNull(row.lookAt),
  version: row.version,
  epoch: row.epoch,
  claimedUntil: instantOrNull(row.claimedUntil),
  createdAt: instantOf(row.createdAt),
});

const passwordOf = (row: ManagedAccountModel): SealedPassword | null => {
  if (row.sealedPassword === null) return null;
  if (row.sealedPasswordGeneration === null) {
    throw new UnreadableRowError('managed_account.sealed_password_generation', 'a whole number');
  }
  return {
    sealed: row.sealedPassword,
    state: passwordState(row.sealedPasswordState, 'managed_account.sealed_password_state'),
    generation: row.sealedPasswordGeneration,
  };
};
