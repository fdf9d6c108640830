import { FaultGround } from '../../faults/support/ground.js';
import type { InvariantName } from '../../faults/support/report.js';
import { Chance } from '../../model/kernel/chance.js';
import type { Grant } from '../../support/stack-api.js';
import { until } from '../../support/stack-until.js';
import { Agenda } from './agenda.js';
import { FaultLog } from './fault-log.js';
import { judgeEnds, type Ends } from './lateness.js';
import { Ledger } from './ledger.js';
import { Nemesis } from './nemesis.js';
import type { SoakPlan } from './plan.js';
import { Servants } from './servants.js';
import { Traffic } from './traffic.js';

const MINUTE_MS = 60_000;
/** Before the end nothing more is asked for: what was given then runs out by itself. */
const LAST_ASKED = 0.85;
const WATCH_EVERY_MS = 2_000;
const TELL_EVERY_MS = 30_000;
/** The longest grant with its extension, and whoever waits for an answer. */
const LIVES_MS = 8 * MINUTE_MS;
/** A read-back after a minute's wait, of what was tried at the end of a storm, and two minutes for a scheduled role. */
const CLOSED_MS = 6 * MINUTE_MS;
/** What left just before an end may come some seconds after it: the machine is busy, and some answers are slow on purpose. */
const UNDER_WAY_MS = 5_000;
/** Whoever was frozen, or whose request was held, sends what he was about to; longest freeze and longest hold together. */
const FROZEN_MS = 90_000;

/** So many requests are under way at once at the most. */
const HANDS = 12;

export interface SoakReport {
  readonly plan: SoakPlan;
  readonly beganAt: string;
  readonly tookMs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly endReasons: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, { readonly count: number; readonly seconds: number }>>;
  readonly calmPart: number;
  readonly ends: Ends;
  readonly historyEntries: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly alarms: Readonly<Record<string, number>>;
  /** Processes that ended by themselves. */
  readonly ended: readonly string[];
  readonly invariants: Partial<Record<InvariantName, readonly string[]>>;
  /** What is no invariant and must not be all the same. */
  readonly troubles: readonly string[];
}

/** A long time with everything in it. */
export class Soak {
  readonly #agenda = new Agenda(HANDS);
  /** Faults and looks have a clock of their own: nobody's request is before them. */
  readonly #watch = new Agenda(HANDS);
  readonly #log = new FaultLog();
  readonly #alarms = new Map<string, number>();
  readonly #servants: Servants;
  readonly #ledger: Ledger;
  readonly #traffic: Traffic;
  readonly #beganAt = Date.now();
  readonly #troubles: string[] = [];
  #nemesis: Nemesis | null = null;

  private constructor(
    private readonly plan: SoakPlan,
    private readonly ground: FaultGround,
    private readonly tell: (line: string) => void,
  ) {
    this.#servants = new Servants(ground.stack);
    this.#ledger = new Ledger(ground);
    const chance = new Chance(plan.seed);
    const stage = { ground, plan, agenda: this.#agenda, ledger: this.#ledger };
    this.#traffic = new Traffic({ ...stage, chance: chance.fork() });
    this.#chance = chance;
  }

  readonly #chance: Chance;

  static async build(plan: SoakPlan, tell: (line: string) => void): Promise<Soak> {
    const { queue, customers } = plan;
    const ground = await FaultGround.build({ queue, customers, technicians: 0, environment: {} });
    return new Soak(plan, ground, tell);
  }

  async run(): Promise<SoakReport> {
    const agenda = this.#agenda;
    await this.#traffic.prepare();
    const from = Date.now();
    const faultsUntil = from + this.plan.minutes * MINUTE_MS;
    this.#nemesis = new Nemesis(
      {
        ground: this.ground,
        servants: this.#servants,
        agenda: this.#watch,
        log: this.#log,
        chance: this.#chance.fork(),
      },
      faultsUntil,
    );
    this.#nemesis.begin();
    this.#traffic.begin(from + LAST_ASKED * this.plan.minutes * MINUTE_MS);
    this.#every(WATCH_EVERY_MS, faultsUntil, () => this.#servants.watch());
    this.#every(TELL_EVERY_MS, faultsUntil, () => this.#tellState());
    await until(
      () => agenda.tick() + this.#watch.tick(),
      (left) => left === 0,
      { what: 'everybody has had his life', timeoutMs: faultsUntil - from + LIVES_MS },
    );
    this.tell('everything is healed; waiting until all is proven closed');
    await this.#closed();
    return this.#report();
  }

  close(): Promise<void> {
    return this.ground.close();
  }

  #every(ms: number, lastAt: number, act: () => Promise<void>): void {
    const again = async (): Promise<void> => {
      // A look that fails, as with the database away, is made again.
      await act().catch(() => undefined);
      if (Date.now() < lastAt) this.#watch.after(ms, again);
    };
    this.#watch.after(ms, again);
  }

  async #tellState(): Promise<void> {
    const minutes = ((Date.now() - this.#beganAt) / MINUTE_MS).toFixed(1);
    const { counts } = this.#traffic;
    const now = this.#log.kindsDuring(Date.now(), Date.now()).join('; ') || 'none';
    this.tell(
      `${minutes} min: ${counts.get('granted') ?? 0} granted, ${counts.get('sent again') ?? 0} sent again; ${this.#log.spans.length} faults, now: ${now}`,
    );
    const { items } = await this.ground.stack
      .api(this.ground.msp.tokens.owner, TELL_EVERY_MS)
      .get<{ items: readonly { kind: string }[] }>('/alarms?limit=100');
    for (const kind of new Set(items.map((alarm) => alarm.kind)))
      this.#alarms.set(kind, (this.#alarms.get(kind) ?? 0) + 1);
  }

  async #closed(): Promise<void> {
    const open = () =>
      this.ground.stack.database(async (client) => {
        const { rows } = await client.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM access_grant WHERE state <> 'ended'",
        );
        return rows[0]?.count ?? 0;
      });
    try {
      await until(open, (count) => count === 0, { what: 'all is proven closed', timeoutMs: CLOSED_MS });
    } catch (error) {
      this.#troubles.push(error instanceof Error ? error.message : String(error));
    }
  }

  async #report(): Promise<SoakReport> {
    const { ground, plan } = this;
    const { I3, endReasons } = await this.#closeLedger();
    const now = Date.now();
    const knownAt = new Map(
      this.#ledger.all.map((promised) => [
        `${promised.upn} ${promised.tenantId} ${promised.until}`,
        promised,
      ]),
    );
    const judged = await ground.judge({
      now,
      excusedMs: ({ tenantId, upn, until: end, to }) =>
        this.#log.brokenMs({
          tenantId,
          knownAt: knownAt.get(`${upn} ${tenantId} ${end}`)?.knownAt ?? end,
          from: end,
          to,
        }),
      underWayMs: (instant) => (this.#log.isCalm(instant - FROZEN_MS, instant) ? UNDER_WAY_MS : FROZEN_MS),
    });
    const history = await ground.stack.simulator.history();
    const holding = await ground.closedWhileHolding([]);
    return {
      plan,
      beganAt: new Date(this.#beganAt).toISOString(),
      tookMs: now - this.#beganAt,
      counts: Object.fromEntries(this.#traffic.counts),
      endReasons,
      faults: this.#faults(now),
      calmPart: this.#calmPart(),
      ends: judgeEnds({
        history,
        rights: ground.rights,
        promised: this.#ledger.all,
        log: this.#log,
        now,
      }),
      historyEntries: history.length,
      requests: await this.#requests(),
      alarms: Object.fromEntries(this.#alarms),
      ended: this.#servants.ended,
      invariants: { ...judged, I3 },
      troubles: [
        ...this.#troubles,
        ...this.#agenda.troubles,
        ...this.#watch.troubles,
        ...(this.#nemesis?.failed ?? []),
        ...holding.map((upn) => `${upn} holds a role and has no grant`),
      ],
    };
  }

  /** Every grant as the API tells it at last. */
  async #closeLedger(): Promise<{ I3: readonly string[]; endReasons: Record<string, number> }> {
    const I3: string[] = [];
    const endReasons: Record<string, number> = {};
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: readonly Grant[]; nextCursor: string | null } = await this.ground.msp.owner.get(
        `/grants?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      for (const grant of page.items) {
        I3.push(...this.#ledger.close(grant));
        const reason = grant.endReason ?? grant.state;
        endReasons[reason] = (endReasons[reason] ?? 0) + 1;
      }
      cursor = page.nextCursor;
    }
    return { I3, endReasons };
  }

  #faults(now: number): SoakReport['faults'] {
    const found: Record<string, { count: number; seconds: number }> = {};
    for (const { kind, from, to } of this.#log.spans) {
      const { count, seconds } = found[kind] ?? { count: 0, seconds: 0 };
      found[kind] = { count: count + 1, seconds: seconds + ((to ?? now) - from) / 1_000 };
    }
    return found;
  }

  /** The part of the time in which there was no fault. */
  #calmPart(): number {
    const ends = this.#log.spans.map(({ to }) => to ?? 0);
    const from = Math.min(...this.#log.spans.map((span) => span.from));
    const seconds = Math.floor((Math.max(...ends) - from) / 1_000);
    const calm = Array.from({ length: seconds }, (_, at) => from + at * 1_000).filter((at) =>
      this.#log.isCalm(at, at + 1_000),
    );
    return calm.length / seconds;
  }

  async #requests(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const { kind } of await this.ground.stack.simulator.requests()) found[kind] = (found[kind] ?? 0) + 1;
    return found;
  }
}
