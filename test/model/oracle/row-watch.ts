import type { ManagedAccount } from '#core/accounts';
import type { RecordedAuditEvent } from '#core/audit';
import type { Grant, GrantState } from '#core/grants';
import { SECOND, type GrantId, type Instant } from '#core/shared';
import type { InMemoryRows } from '#core/testing';
import type { Promises } from './promises.js';
import type { Accuse } from './violation.js';

/** The longest that anybody waits for the next try of an end, unless Graph asks for longer. */
const LONGEST_WAIT_MS = 60 * SECOND;

/** Where each event leads, whatever the code says: the life of a grant, written a second time. */
const leads: Readonly<
  Record<string, { readonly from: readonly GrantState[]; readonly to: GrantState | null }>
> = {
  'grant.starting': { from: ['scheduled'], to: 'starting' },
  'grant.activated': { from: ['starting'], to: 'active' },
  'grant.failed': { from: ['scheduled', 'starting', 'active'], to: 'failed' },
  'grant.end_requested': { from: ['scheduled', 'starting', 'active', 'failed'], to: 'ending' },
  'grant.expired': { from: ['scheduled', 'starting', 'active', 'failed'], to: 'ending' },
  'grant.taken_away': { from: ['ending'], to: null },
  'grant.ended': { from: ['ending'], to: 'ended' },
  'grant.extended': { from: ['starting', 'active', 'scheduled'], to: null },
};

/** Looks at what each commit has changed: what a row may become, and that the log says so once. */
export class RowWatch {
  #grants = new Map<GrantId, Grant>();
  #events = 0;

  constructor(
    private readonly promises: Promises,
    private readonly accuse: Accuse,
    private readonly hooks: {
      readonly ended: (grant: Grant) => void;
      /** Until when Graph asked to wait, of that customer. */
      readonly askedUntil: (customerId: string) => Instant;
    },
  ) {}

  /** After a commit. */
  look(rows: InMemoryRows, now: Instant): void {
    const news = rows.audit.slice(this.#events);
    this.#events = rows.audit.length;
    for (const grant of rows.grants) {
      const before = this.#grants.get(grant.id);
      if (before === grant) continue;
      this.#grants.set(grant.id, grant);
      if (before === undefined) this.begun(grant, news);
      else this.changed(before, grant, news);
    }
    for (const account of rows.accounts) this.owed(account, now);
  }

  private begun(grant: Grant, news: readonly RecordedAuditEvent[]): void {
    const told = about(grant, news);
    if (told.length !== 1 || told[0]?.action !== 'grant.scheduled')
      this.accuse('I10', `grant ${grant.id} is new, and the log says ${said(told)}`);
    if (!this.promises.rights.has(grant.id)) this.accuse('I12', `grant ${grant.id} was promised to nobody`);
  }

  private changed(before: Grant, after: Grant, news: readonly RecordedAuditEvent[]): void {
    const told = about(after, news);
    this.replayed(before, after, told);
    const right = this.promises.rights.get(after.id);
    if (right !== undefined && right.expiresAt !== after.expiresAt)
      this.accuse('I3', `grant ${after.id} ends at ${after.expiresAt}, and ${right.expiresAt} was promised`);
    if (after.expiresAt > after.latestExpiresAt)
      this.accuse('I3', `grant ${after.id} goes on for longer than was approved`);
    if (after.state === 'ended' && before.state !== 'ended') {
      if (after.proofs.length === 0) this.accuse('I4', `grant ${after.id} has ended without a proof`);
      this.hooks.ended(after);
    }
  }

  /** What the log tells leads from the row as it was to the row as it is. */
  private replayed(before: Grant, after: Grant, told: readonly RecordedAuditEvent[]): void {
    const actions = told.map(({ action }) => action).filter((action) => action in leads);
    let { state } = before;
    for (const action of actions) {
      if (!leads[action]?.from.includes(state))
        this.accuse('I10', `the log says ${said(told)} of grant ${after.id}, which was ${before.state}`);
      state = leads[action]?.to ?? state;
    }
    const isOnce = new Set(actions).size === actions.length;
    if (state !== after.state || !isOnce || !isTold(before, after, actions))
      this.accuse('I10', `grant ${after.id} went from ${before.state} to ${after.state}: ${said(told)}`);
  }

  /** An end that is owed is looked at within a minute. (I5) */
  private owed({ id, customerId, takeAt, dueAt, claimedUntil }: ManagedAccount, now: Instant): void {
    if (takeAt === null || takeAt > now || (claimedUntil ?? 0) > now) return;
    const latest = Math.max(now + LONGEST_WAIT_MS, this.hooks.askedUntil(customerId) + SECOND);
    if (dueAt === null || dueAt > latest)
      this.accuse(
        'I5',
        `account ${id} owes an end, and is due ${dueAt === null ? 'never' : `in ${dueAt - now} ms`}`,
      );
  }
}

/** What shows in no state: an end that moved, and what was taken away. */
const isTold = (before: Grant, after: Grant, actions: readonly string[]): boolean => {
  const isExtended = before.expiresAt !== after.expiresAt;
  const isTaken = before.takenAt === null && after.takenAt !== null;
  const tellsTaken = actions.includes('grant.taken_away') || actions.includes('grant.ended');
  return actions.includes('grant.extended') === isExtended && (!isTaken || tellsTaken);
};

const about = ({ id }: Grant, news: readonly RecordedAuditEvent[]): readonly RecordedAuditEvent[] =>
  news.filter(({ subject }) => subject.kind === 'grant' && subject.id === id);

const said = (told: readonly RecordedAuditEvent[]): string =>
  told.length === 0 ? 'nothing' : told.map(({ action }) => action).join(', ');
