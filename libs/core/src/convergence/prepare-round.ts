import { markerOf, nextName, type ManagedAccount, type WorkedAccount } from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import { MINUTE, SECOND, type AccountId, type Claim, type CustomerId, type Instant } from '#core/shared';
import type { EntraConnection, Throttle } from '#core/tenancy';
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

interface Attempt extends RoundInput {
  /** What the last round was told of Graph's clock is known to everybody. */
  readonly isNoted: boolean;
}

/**
 * The one transaction between two rounds: lock what is still ours, write down what the last round brought, derive and
 * plan from the rows as they are now, write what the plan may give, and give back what is settled.
 */
export const prepareRound = async (ports: ConvergencePorts, input: RoundInput): Promise<Prepared> => {
  const [claim] = input.claims;
  if (claim === undefined) return nothingOf(input);
  const attempt = { ...input, isNoted: await noteClock(ports, claim, input) };
  for (let tries = 1; ; tries += 1) {
    try {
      return await ports.unitOfWork.inOrganization(claim.organizationId, (stores) =>
        prepare(ports, stores, attempt),
      );
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || tries === MAX_TRIES) throw error;
    }
  }
};

const nothingOf = ({ clock }: RoundInput): Prepared => ({ works: [], connection: null, clock, bells: [] });

const prepare = async (
  ports: ConvergencePorts,
  stores: ConvergenceStores,
  input: Attempt,
): Promise<Prepared> => {
  const now = ports.clock.now();
  const [claim] = input.claims;
  if (claim === undefined) return nothingOf(input);
  const { customerId } = claim;
  const rows = await stores.accounts.lock(input.claims);
  await suspectLost(stores, input, { rows, now });
  if (rows.length === 0) return nothingOf(input);
  // Not before: whoever notes what makes ends come sooner has these rows due after that, and what is settled here overwrites it.
  const conditions = await stores.customers.conditions(customerId);
  const restoring = conditions.restoringSince !== null;
  const clock = clockFor(conditions.clock, measuredBy(input.works), input.isNoted);
  const connection = await connectionOf(stores, input, { customerId, now });
  const open = await stores.grants.openOf(rows.map(({ id }) => id));
  const throttles = await throttlesOf(stores, input, { customerId, now, known: conditions.throttles });
  const { mint, takingOnly, looking } = input;
  const asked = { connection, throttles, clock, now, mint, takingOnly, looking, restoring };
  const asks = rows.find(({ objectId }) => objectId !== null)?.id;
  const drafts: Draft[] = [];
  for (const row of rows) {
    const own = input.claims.find(({ accountId }) => accountId === row.id);
    if (own === undefined) continue;
    const work = input.works.find(({ claim: { accountId } }) => accountId === row.id) ?? null;
    const account = await currentAccount({ row, work, connection }, ports, stores);
    const stop = input.last || own.claimedUntil - now < ROUND_NEEDS_MS;
    const of = { claim: own, account, open: grantsOf(row.id, open), work, stop, asksDate: row.id === asks };
    drafts.push(draftRound({ ...asked, ...of }, ports));
  }
  await write(stores, input.claims, drafts);
  await retire(stores, drafts, now);
  return {
    works: drafts.filter(({ settled }) => settled === null).map(({ work }) => work),
    connection,
    clock: conditions.clock ?? NO_DIFFERENCE,
    bells: bells(drafts, now),
  };
};

const grantsOf = (id: AccountId, open: readonly GrantInForce[]): readonly GrantInForce[] =>
  open.filter(({ grant }) => grant.accountId === id);

/** Rows that are no longer ours, though a giving call of ours may have arrived: to be taken away by whoever is next. */
const suspectLost = async (
  stores: ConvergenceStores,
  input: RoundInput,
  now: { readonly rows: readonly ManagedAccount[]; readonly now: Instant },
): Promise<void> => {
  for (const work of input.works) {
    if (!gives(work) || now.rows.some(({ id }) => id === work.account.id)) continue;
    await stores.accounts.suspect(work.account.id, (held) => worstOf(held, work.account.mayHold), now.now);
  }
};

/** With what the last round learned of it. Whoever only takes away has no right to remember it, and no use for it. */
const connectionOf = async (
  stores: ConvergenceStores,
  { works, takingOnly }: RoundInput,
  of: { readonly customerId: CustomerId; readonly now: Instant },
): Promise<EntraConnection | null> => {
  const connection = await stores.connections.ofCustomer(of.customerId);
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
  // In one statement each, however many accounts there are: twenty ends take no more round trips than one.
  const grants = drafts.flatMap((draft) => draft.grants);
  if (grants.length > 0 && !(await stores.grants.saveAll(grants))) throw new ChangedMeanwhile();
  const audit = drafts.flatMap((draft) => draft.audit);
  if (audit.length > 0) await stores.audit.append(audit);
  await stores.accounts.record(
    claims,
    drafts.map(({ work }) => worked(work.account)),
  );
  await stores.accounts.release(
    drafts.flatMap(({ work, settled }) => (settled === null ? [] : [{ id: work.account.id, ...settled }])),
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
