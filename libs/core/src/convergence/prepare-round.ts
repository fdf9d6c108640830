import { markerOf, nextName, type ManagedAccount, type WorkedAccount } from '#core/accounts';
import { grantsByAccount, type GrantInForce } from '#core/grants';
import {
  MINUTE,
  SECOND,
  type AccountId,
  type Claim,
  type CustomerId,
  type Instant,
  type WorkLimits,
} from '#core/shared';
import type { EntraConnection, Throttle, WorkConditions } from '#core/tenancy';
import { ChangedMeanwhile } from './away.js';
import { outlivedByObject } from './advance-grants.js';
import type { ConvergencePorts, ConvergenceStores } from './ports.js';
import { draftRound, type Draft } from './draft.js';
import { worstOf } from './held.js';
import { clockFor, measuredBy, noteClock } from './note-clock.js';
import type { PassOrder } from './plan-convergence.js';
import { gives, type Work } from './round.js';
import { NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';
import { throttlesIn } from './throttles.js';
import { refusalsIn } from './timed-refusals.js';

export interface RoundInput {
  readonly claims: readonly Claim[];
  /** What the last round brought; empty before the first. */
  readonly works: readonly Work[];
  /** Graph's, as it was known to everybody before the last round. */
  readonly clock: KnownClock;
  readonly mint: PassOrder | null;
  /** No further round: settle and give the claims back. */
  readonly last: boolean;
  /** Plan nothing that gives, and leave `dueAt` as it stands. */
  readonly takingOnly: boolean;
  /** Compare each account with Entra as a whole, once. */
  readonly looking: boolean;
}

export interface Prepared {
  /** Accounts with something to send, their giving steps already in `mayHold`. */
  readonly works: readonly Work[];
  readonly connection: EntraConnection | null;
  readonly clock: KnownClock;
  /** Bells to ring after the commit. */
  readonly bells: readonly Instant[];
}

/** Bells are armed this far ahead; what falls due later is armed by a later look, or found by the sweep. */
const BELL_HORIZON_MS = 15 * MINUTE;
/** A claim with less than this left begins no further round. */
const ROUND_NEEDS_MS = 6 * SECOND;
const MAX_TRIES = 3;

/** A round to prepare, and whether what the last one was told of Graph's clock is known to everybody. */
export interface Attempt extends RoundInput {
  readonly isNoted: boolean;
}

/** What came of the rounds before must be known first: in transactions of their own. */
export const attemptOf = async (ports: ConvergencePorts, input: RoundInput): Promise<Attempt> => {
  const [claim] = input.claims;
  return { ...input, isNoted: claim === undefined || (await noteClock(ports, claim, input)) };
};

/** As long as others are at the same rows it is tried anew, but not for ever. */
export const prepareRounds = async (
  ports: ConvergencePorts,
  attempts: readonly Attempt[],
  limits?: WorkLimits,
): Promise<readonly Prepared[]> => {
  const organizationId = attempts[0]?.claims[0]?.organizationId;
  if (organizationId === undefined) return attempts.map(nothingOf);
  for (let tries = 1; ; tries += 1) {
    try {
      return await ports.unitOfWork.inOrganization(
        organizationId,
        (stores) => prepare(ports, stores, attempts),
        limits,
      );
    } catch (error) {
      // Of many only one is changed: each is tried for himself then.
      const mayTry = attempts.length === 1 && tries < MAX_TRIES;
      if (!(error instanceof ChangedMeanwhile) || !mayTry) throw error;
    }
  }
};

const nothingOf = ({ clock }: RoundInput): Prepared => ({ works: [], connection: null, clock, bells: [] });

/** An attempt with the rows that are still its own, under the claims that say so. */
interface Held {
  readonly attempt: Attempt;
  readonly rows: readonly { readonly claim: Claim; readonly row: ManagedAccount }[];
}

/**
 * The one transaction between two rounds: lock what is still ours, write down what the last round brought, derive and
 * plan from the rows as they are now, write what the plan may give, and give back what is settled. For rounds of several
 * customers of one organization it is the same statements, each asked once; no account is in two of them.
 */
const prepare = async (
  ports: ConvergencePorts,
  stores: ConvergenceStores,
  attempts: readonly Attempt[],
): Promise<readonly Prepared[]> => {
  const now = ports.clock.now();
  const rows = await stores.accounts.lock(attempts.flatMap(({ claims }) => claims));
  const all = attempts.map((attempt) => heldBy(attempt, rows));
  for (const each of all) await suspectLost(stores, each, now);
  if (rows.length === 0) return attempts.map(nothingOf);
  const drafted = await draftAll(ports, stores, { all, now });
  const drafts = drafted.flatMap((each) => each.drafts);
  const claims = all.flatMap((each) => each.rows.map(({ claim }) => claim));
  await write(stores, claims, drafts);
  await retire(stores, drafts, now);
  return drafted.map((each) => each.prepared);
};

const heldBy = (attempt: Attempt, rows: readonly ManagedAccount[]): Held => {
  const claims = new Map(attempt.claims.map((claim) => [claim.accountId, claim]));
  const own = rows.flatMap((row) => {
    const claim = claims.get(row.id);
    return claim === undefined ? [] : [{ claim, row }];
  });
  return { attempt, rows: own };
};

interface Drafted {
  readonly prepared: Prepared;
  readonly drafts: readonly Draft[];
}

const draftAll = async (
  ports: ConvergencePorts,
  stores: ConvergenceStores,
  { all, now }: { readonly all: readonly Held[]; readonly now: Instant },
): Promise<readonly Drafted[]> => {
  const customers = [...new Set(all.flatMap(({ rows }) => rows.map(({ claim }) => claim.customerId)))];
  // Not before: whoever notes what makes ends come sooner has these rows due after that, and what is settled here overwrites it.
  const conditions = await stores.customers.conditions(customers);
  const connections = await stores.connections.ofCustomers(customers);
  const open = grantsByAccount(
    await stores.grants.openOf(all.flatMap(({ rows }) => rows.map(({ row }) => row.id))),
  );
  const drafted: Drafted[] = [];
  for (const held of all) {
    const customerId = held.rows[0]?.claim.customerId;
    const known = customerId === undefined ? undefined : conditions.get(customerId);
    if (customerId === undefined || known === undefined) {
      drafted.push({ prepared: nothingOf(held.attempt), drafts: [] });
      continue;
    }
    const of = { customerId, known, connection: connections.get(customerId) ?? null, open, now };
    drafted.push(await draftOne(ports, stores, { ...held, ...of }));
  }
  return drafted;
};

interface Circumstances {
  readonly customerId: CustomerId;
  readonly known: WorkConditions;
  readonly connection: EntraConnection | null;
  readonly open: ReadonlyMap<AccountId, readonly GrantInForce[]>;
  readonly now: Instant;
}

const draftOne = async (
  ports: ConvergencePorts,
  stores: ConvergenceStores,
  { attempt, rows, known, open, ...of }: Held & Circumstances,
): Promise<Drafted> => {
  const { now } = of;
  const restoring = known.restoringSince !== null;
  const clock = clockFor(known.clock, measuredBy(attempt.works), attempt.isNoted);
  const connection = await connectionOf(stores, attempt, of);
  const throttles = await throttlesOf(stores, attempt, { ...of, known: known.throttles });
  const { mint, takingOnly, looking } = attempt;
  const { held } = known;
  const asked = { connection, throttles, clock, now, mint, takingOnly, looking, restoring, held };
  const asks = rows.find(({ row }) => row.objectId !== null)?.row.id;
  const works = new Map(attempt.works.map((work) => [work.claim.accountId, work]));
  const drafts: Draft[] = [];
  for (const { claim, row } of rows) {
    const work = works.get(row.id) ?? null;
    const account = await currentAccount({ row, work, connection }, ports, stores);
    const stop = attempt.last || claim.claimedUntil - now < ROUND_NEEDS_MS;
    const own = { claim, account, open: open.get(row.id) ?? [], work, stop, asksDate: row.id === asks };
    drafts.push(draftRound({ ...asked, ...own }, ports));
  }
  const prepared = {
    works: drafts.filter(({ settled }) => settled === null).map(({ work }) => work),
    connection,
    clock: known.clock ?? NO_DIFFERENCE,
    bells: bells(drafts, now),
  };
  return { prepared, drafts };
};

/** Rows that are no longer ours, though a giving call of ours may have arrived: to be taken away by whoever is next. */
const suspectLost = async (
  stores: ConvergenceStores,
  { attempt, rows }: Held,
  now: Instant,
): Promise<void> => {
  for (const work of attempt.works) {
    if (!gives(work) || rows.some(({ row }) => row.id === work.account.id)) continue;
    await stores.accounts.suspect(work.account.id, (held) => worstOf(held, work.account.mayHold), now);
  }
};

/** With what the last round learned of it. Whoever only takes away has no right to remember it, and no use for it. */
const connectionOf = async (
  stores: ConvergenceStores,
  { works, takingOnly }: RoundInput,
  of: Pick<Circumstances, 'customerId' | 'connection' | 'now'>,
): Promise<EntraConnection | null> => {
  const { connection } = of;
  const refused = refusalsIn(
    works.flatMap(({ failures }) => failures),
    of.now,
  );
  if (connection === null || Object.keys(refused).length === 0) return connection;
  if (!takingOnly) await stores.connections.refuseTimedRoles(of.customerId, refused);
  return { ...connection, timedRolesRefused: { ...connection.timedRolesRefused, ...refused } };
};

/** With what Graph has just asked for. */
const throttlesOf = async (
  { customers }: ConvergenceStores,
  { works }: RoundInput,
  of: { readonly customerId: CustomerId; readonly now: Instant; readonly known: readonly Throttle[] },
): Promise<readonly Throttle[]> => {
  const heard = throttlesIn(
    works.flatMap(({ failures }) => failures),
    of.now,
  );
  if (heard.length === 0) return of.known;
  for (const fact of heard) await customers.throttle(of.customerId, fact);
  return customers.throttles(of.customerId);
};

/** The row with what this claim learned, under a new name when the old one turned out to be somebody else's. */
const currentAccount = async (
  of: {
    readonly row: ManagedAccount;
    readonly work: Work | null;
    readonly connection: EntraConnection | null;
  },
  ports: ConvergencePorts,
  stores: ConvergenceStores,
): Promise<ManagedAccount> => {
  const { row, work, connection } = of;
  if (work === null) return row;
  const account: ManagedAccount = { ...row, ...worked(work.account) };
  if (!work.foreign || connection === null) return account;
  const upn = await freeName(account, stores);
  // Nothing of ours was made under that name.
  const mayHold = { ...account.mayHold, object: null, password: null };
  if (upn === null) return { ...account, mayHold };
  const { organizationId, tenantId } = connection;
  const marker = markerOf(ports.box, { organizationId, tenantId, accountId: account.id, upn });
  return { ...account, upn, marker, mayHold, failure: null };
};

const freeName = async (account: ManagedAccount, stores: ConvergenceStores): Promise<string | null> => {
  const candidates: string[] = [];
  for (let name = nextName(account.upn); name !== null; name = nextName(name)) candidates.push(name);
  const taken = new Set(await stores.accounts.takenNames(account.customerId, candidates));
  return candidates.find((name) => !taken.has(name)) ?? null;
};

const worked = (account: ManagedAccount): WorkedAccount => ({
  id: account.id,
  upn: account.upn,
  marker: account.marker,
  objectId: account.objectId,
  mayHold: account.mayHold,
  pristine: account.pristine,
  password: account.password,
  passwordGeneration: account.passwordGeneration,
  verification: account.verification,
  failure: account.failure,
  // What may be there again is not proven gone.
  removal: account.mayHold.object === null ? account.removal : null,
  drift: account.drift,
});

const write = async (
  stores: ConvergenceStores,
  claims: readonly Claim[],
  drafts: readonly Draft[],
): Promise<void> => {
  // In one statement each, however many accounts there are, and each row once.
  const grants = drafts.flatMap((draft) => draft.grants);
  if (grants.length > 0 && !(await stores.grants.saveAll(grants))) throw new ChangedMeanwhile();
  const audit = drafts.flatMap((draft) => draft.audit);
  if (audit.length > 0) await stores.audit.append(audit);
  await stores.accounts.record(
    claims,
    drafts.flatMap(({ work, settled }) => (settled === null ? [worked(work.account)] : [])),
  );
  await stores.accounts.release(
    drafts.flatMap(({ work: { account }, settled }) =>
      settled === null ? [] : [{ id: account.id, ...settled, worked: worked(account) }],
    ),
  );
};

/** What ended with a delete while another grant runs is remembered by the account: that end is not read again. */
const retire = async (stores: ConvergenceStores, drafts: readonly Draft[], now: Instant): Promise<void> => {
  const outlived = drafts.filter(({ grants, work: { account } }) =>
    grants.some((grant) => grant.state === 'ended' && outlivedByObject({ grant }, account)),
  );
  if (outlived.length === 0) return;
  await stores.accounts.retire(
    outlived.map(({ work }) => work.account.id),
    'ended_with_delete',
    now,
  );
};

/** One for each second, at its first instant: whoever hears it looks what else falls due in that second. */
const bells = (drafts: readonly Draft[], now: Instant): readonly Instant[] => {
  const due = drafts.flatMap(({ settled }) => (settled?.dueAt == null ? [] : [settled.dueAt]));
  const near = due.filter((at) => at <= now + BELL_HORIZON_MS).sort((a, b) => b - a);
  return [...new Map(near.map((at) => [Math.floor(at / SECOND), at])).values()];
};
