import type { DirectoryStep } from '#core/accounts';
import type { Grant } from '#core/grants';
import { SECOND } from '#core/shared';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SharedDatabase } from '../processes/shared-database.js';
import { Disturbances, type Span } from './disturbances.js';
import { Promises, type Right } from './promises.js';
import { RowWatch } from './row-watch.js';
import type { EnabledBy, TenantWatch, WatchedObject } from './tenant-watch.js';
import type { Accuse, Violation } from './violation.js';

/** As long as a claim lasts, and a little: what was right when it was planned may be over by so much when it leaves. */
const CLAIM_MS = 35 * SECOND;
/** What a hand did a moment ago nobody can have read yet. */
const UNREAD_MS = 30 * SECOND;
/** Between a reading and the transaction that writes down what it proves. */
const READ_MS = 2 * SECOND;

/** What the oracle looks at. */
export interface OracleWorld {
  readonly scheduler: Scheduler;
  readonly database: SharedDatabase;
  readonly watch: TenantWatch;
  readonly note: (who: string, what: string) => void;
}

/**
 * Judges by what the tenants say and what the commands promised, and by nothing that convergence thinks of either. What can
 * be seen at once is judged at once; how long an account was enabled is judged at the end (`judge-spans.ts`).
 */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly promises = new Promises();
  readonly disturbances = new Disturbances();
  /** Until when Graph asked to wait, by customer. */
  readonly askedUntil = new Map<string, number>();
  /** When there was no revoker, or it was held. */
  readonly revokerAway: Span[] = [];
  /** When no worker lived that was not held: what gives is theirs alone. */
  readonly workersAway: Span[] = [];
  /** So it is just now. */
  hasNoWorker = false;
  readonly #rows: RowWatch;

  constructor(readonly world: OracleWorld) {
    this.#rows = new RowWatch(this.promises, this.accuse, {
      ended: (grant) => this.ended(grant),
      askedUntil: (customerId) => this.askedUntil.get(customerId) ?? 0,
    });
    world.watch.onEnabling = (object, user, by) => this.enabling(object, user, by);
  }

  readonly accuse: Accuse = (what, words, at = this.world.scheduler.now): void => {
    this.violations.push({ what, words, at });
    this.world.note('ORACLE', `${what}: ${words}`);
  };

  committed(): void {
    this.#rows.look(this.world.database.rows(), this.world.scheduler.now);
  }

  /** A process lets go of these calls: what they may give stands in the database by now. (I2) */
  asked(who: string, tenantId: string, steps: readonly DirectoryStep[]): void {
    for (const { call } of steps)
      if (call.do === 'enable')
        this.askedToEnable(who, this.world.watch.objects.get(`${tenantId} ${call.user}`));
  }

  private askedToEnable(who: string, object: WatchedObject | undefined): void {
    const { database, scheduler } = this.world;
    const row = database.rows().accounts.find(({ id }) => id === object?.accountId);
    if (row === undefined) return this.accuse('I2', `${who} enables somebody whom no row knows`);
    if (row.mayHold.enabled === null)
      this.accuse('I2', `${who} enables ${row.upn}, and no row says that it may be enabled`);
    if (this.promises.running(row.id, scheduler.now, CLAIM_MS).length === 0)
      this.accuse('I2', `${who} enables ${row.upn}, and nothing that was promised runs`);
  }

  /** It is about to be enabled: it holds nothing but what runs. (I13) */
  private enabling(object: WatchedObject, user: { readonly upn: string }, by: EnabledBy): void {
    const { scheduler } = this.world;
    if (by !== 'call' || scheduler.now - object.touchedAt < UNREAD_MS + object.tenant.lagMs) return;
    const left = this.notGiven(object, this.promises.running(object.accountId, scheduler.now, CLAIM_MS));
    if (left.length > 0) this.accuse('I13', `${user.upn} is enabled while it holds ${left.join(', ')}`);
  }

  /** A grant counts as ended: that is true in Entra. (I4) */
  private ended(grant: Grant): void {
    for (const object of this.world.watch.of(grant.accountId)) {
      const { scheduler } = this.world;
      const isTouched = scheduler.now - object.touchedAt < UNREAD_MS + object.tenant.lagMs;
      if (!object.exists || isTouched) continue;
      const others = this.promises
        .running(grant.accountId, scheduler.now, READ_MS)
        .filter(({ grantId }) => grantId !== grant.id);
      if (others.length === 0 && object.enabledSince !== null)
        this.accuse('I4', `grant ${grant.id} counts as ended, and its account is enabled`);
      const own = new Set<string>([...grant.approved.roles, ...grant.approved.groups]);
      const left = this.notGiven(object, others).filter((each) => own.has(each));
      if (left.length > 0)
        this.accuse('I4', `grant ${grant.id} counts as ended, and ${left.join(', ')} is left`);
    }
  }

  /** What an object holds that none of these rights gives. */
  notGiven({ objectId, tenant }: WatchedObject, running: readonly Right[]): readonly string[] {
    const user = tenant.user(objectId);
    if (user === null) return [];
    const given = new Set(running.flatMap(({ roles, groups }) => [...roles, ...groups]));
    const held: readonly string[] = [...user.roles, ...user.groups];
    const methods = running.length > 0 ? [] : user.methods.map(({ kind }) => kind);
    return [...held.filter((each) => !given.has(each)), ...methods];
  }
}
