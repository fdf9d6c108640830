import { MINUTE, SECOND, type Instant } from '#core/shared';
import type { FakeTenant } from '#core/testing';
import type { Chance } from '../kernel/chance.js';
import type { Fate, Scheduler } from '../kernel/scheduler.js';
import type { Span } from '../oracle/disturbances.js';
import type { Oracle } from '../oracle/oracle.js';
import type { Bells } from '../processes/bells.js';
import type { ModelProcess } from '../processes/model-process.js';
import type { SharedDatabase } from '../processes/shared-database.js';
import type { Hands } from './hands.js';
import type { Spell, Weather } from './weather.js';

export interface NemesisWorld {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly processes: readonly ModelProcess[];
  readonly workers: readonly ModelProcess[];
  readonly revoker: ModelProcess;
  readonly tenants: readonly { readonly tenant: FakeTenant; readonly customerId: string }[];
  readonly database: SharedDatabase;
  readonly bells: Bells;
  readonly weather: Weather;
  readonly hands: Hands;
  readonly oracle: Oracle;
  readonly note: (who: string, what: string) => void;
}

/** A process is met by its fate at its so-manieth gate: wherever that is. */
interface Appointment {
  readonly name: string;
  readonly gate: number;
  readonly fate: 'dies' | 'freezes';
  readonly forMs: number;
}

/** A dead claimant keeps its accounts for so long. */
const CLAIM_MS = 36 * SECOND;
const DOWN_MS = [200, 5 * SECOND, MINUTE, 5 * MINUTE];
const HELD_MS = [3 * SECOND, 20 * SECOND, 45 * SECOND, 2 * MINUTE, 12 * MINUTE];
const GATES = 250;

/** Everything that goes wrong, drawn beforehand; and what of it is declared to the oracle. */
export class Nemesis {
  readonly #appointments: Appointment[] = [];
  readonly #met = new Map<string, number>();
  readonly #awaySince = new Map<string, Instant>();
  /** By chance the answer to a commit is lost. */
  losesCommits = 0;

  constructor(private readonly world: NemesisWorld) {}

  /** Draws what goes wrong until then, when all of it is over. */
  begin(until: Instant): void {
    const { chance, scheduler } = this.world;
    const harm = chance.pick([0, 1, 2, 4, 6, 10]);
    for (let left = harm; left > 0; left -= 1) {
      const at = chance.between(scheduler.now, until);
      const lastsMs = Math.min(until - at, chance.pick([5 * SECOND, 40 * SECOND, 2 * MINUTE, 6 * MINUTE]));
      const [strike] = [chance.pick([...this.strikes])];
      scheduler.plan('nemesis', at, () => strike(at + lastsMs));
    }
    if (chance.happens(0.35)) this.letHandsAct(until);
    const meetings = chance.pick([0, 1, 3, 6]);
    for (let left = meetings; left > 0; left -= 1) this.appoint();
    scheduler.fate = this.fate;
  }

  private letHandsAct(until: Instant): void {
    const { chance, scheduler, hands } = this.world;
    for (let left = chance.between(1, 5); left > 0; left -= 1)
      scheduler.plan('hands', chance.between(scheduler.now, until), () => hands.act());
  }

  private appoint(): void {
    const { chance, processes } = this.world;
    const fate = chance.happens(0.5) ? 'dies' : 'freezes';
    const { name } = chance.pick(processes);
    const gate = chance.between(1, GATES);
    this.#appointments.push({ name, gate, fate, forMs: chance.pick(fate === 'dies' ? DOWN_MS : HELD_MS) });
  }

  private readonly fate: Fate = ({ life: { name } }) => {
    const met = (this.#met.get(name) ?? 0) + 1;
    this.#met.set(name, met);
    const due = this.#appointments.find((each) => each.name === name && each.gate === met);
    const process = this.world.processes.find((each) => each.name === name);
    if (due === undefined || process === undefined) return 'lives';
    const { scheduler, oracle } = this.world;
    const { now } = scheduler;
    oracle.disturbances.add({ from: now, to: now + CLAIM_MS });
    if (due.fate === 'dies') this.kill(process, now + due.forMs);
    else {
      process.freeze(now + due.forMs);
      scheduler.plan(`${name} goes on`, now + due.forMs, () => this.goesOn());
    }
    this.count();
    return due.fate;
  };

  private kill(process: ModelProcess, backAt: Instant): void {
    process.crash();
    this.world.scheduler.plan(`${process.name} is started`, backAt, () => {
      process.start();
      this.goesOn();
    });
  }

  private goesOn(): void {
    const { now } = this.world.scheduler;
    this.world.oracle.disturbances.add({ from: now, to: now + 2 * SECOND });
    this.count();
  }

  /** While nobody takes anything away, nothing is promised. */
  private count(): void {
    const { workers, revoker, oracle } = this.world;
    const { now } = this.world.scheduler;
    const told = (name: string, isAway: boolean, tell: (span: Span) => void): void => {
      const since = this.#awaySince.get(name);
      if (isAway && since === undefined) this.#awaySince.set(name, now);
      if (isAway || since === undefined) return;
      this.#awaySince.delete(name);
      tell({ from: since, to: now });
    };
    const noWorker = workers.every(({ isAwake }) => !isAwake);
    oracle.hasNoWorker = noWorker;
    told('workers', noWorker, (span) => oracle.workersAway.push(span));
    told('revoker', !revoker.isAwake, (span) => oracle.revokerAway.push(span));
    told('everybody', noWorker && !revoker.isAwake, (span) => oracle.disturbances.add(span));
  }

  /** At the end: who is still away has been so until then. */
  end(): void {
    const { workers, revoker, oracle, scheduler } = this.world;
    const span = (name: string): Span => ({ from: this.#awaySince.get(name) ?? 0, to: scheduler.now });
    if (workers.every(({ isAwake }) => !isAwake)) oracle.workersAway.push(span('workers'));
    if (!revoker.isAwake) oracle.revokerAway.push(span('revoker'));
  }

  private readonly strikes: readonly ((until: Instant) => void)[] = [
    (until) => this.databaseAway(until),
    (until) => this.commitsLost(until),
    (until) => this.tenantIs('throttles', until),
    (until) => this.tenantIs('throttles', until),
    (until) => this.tenantIs('fails', until),
    (until) => this.tenantIs('loses answers', until),
    (until) => this.tenantIs('loses whole answers', until),
    (until) => this.tenantIs('lies', until),
    (until) => this.tenantIs('is slow', until),
    (until) => this.tenantIs('tells no changes', until),
    (until) => this.tenantLags(until),
    (until) => this.tenantLags(until),
    (until) => this.bellsSuffer(until),
    () => this.world.bells.wipe(),
    () => this.setsAWallClock(),
  ];

  private databaseAway(until: Instant): void {
    const { database, oracle, processes, scheduler, note } = this.world;
    note('database', `is away for ${(until - scheduler.now) / SECOND} s`);
    database.goAway(until);
    for (const process of processes) process.silentSince ??= scheduler.now;
    oracle.disturbances.add({ from: scheduler.now, to: until + 5 * SECOND }, { isDatabase: true });
    // Claims that could not be given back run out.
    oracle.disturbances.add({ from: scheduler.now, to: scheduler.now + CLAIM_MS });
  }

  private commitsLost(until: Instant): void {
    const { chance, scheduler, note, oracle } = this.world;
    note('database', 'loses answers to commits');
    this.losesCommits = chance.pick([0.05, 0.3]);
    oracle.disturbances.add({ from: scheduler.now, to: until + CLAIM_MS });
    scheduler.plan('commits are answered', until, () => (this.losesCommits = 0));
  }

  private tenantIs(kind: Spell['kind'], until: Instant): void {
    const { chance, weather, tenants, oracle, scheduler, note } = this.world;
    const { tenant, customerId } = chance.pick(tenants);
    note(tenant.tenantId, `${kind} for ${(until - scheduler.now) / SECOND} s`);
    const retryAfterSeconds = chance.pick([null, 1, 10, 90]);
    const probability = kind === 'is slow' ? 1 : chance.pick([0.05, 0.3, 1]);
    weather.begin({ kind, tenantId: tenant.tenantId, until, probability, retryAfterSeconds });
    const waitMs = kind === 'throttles' ? (retryAfterSeconds ?? 5) * SECOND : 0;
    oracle.disturbances.add({ from: scheduler.now, to: until + waitMs }, { customerId });
  }

  private tenantLags(until: Instant): void {
    const { chance, tenants, scheduler, note } = this.world;
    const { tenant } = chance.pick(tenants);
    const lagMs = chance.pick([SECOND, 8 * SECOND, 40 * SECOND, 100 * SECOND]);
    note(tenant.tenantId, `lags by ${lagMs / SECOND} s`);
    tenant.lagMs = lagMs;
    scheduler.plan('the lag is over', until, () => (tenant.lagMs = 0));
  }

  private bellsSuffer(until: Instant): void {
    const { bells, chance, scheduler, note } = this.world;
    note('queue', 'loses and doubles bells, and rings them late');
    const faults = { lose: chance.pick([0, 0.5, 1]), double: chance.pick([0, 0.5]), lateMs: 90 * SECOND };
    Object.assign(bells.faults, faults);
    scheduler.plan('bells ring', until, () => Object.assign(bells.faults, { lose: 0, double: 0, lateMs: 0 }));
  }

  private setsAWallClock(): void {
    const { chance, processes, note } = this.world;
    const process = chance.pick(processes);
    process.machine.wallIsAheadMs = chance.pick([-10, -1, 1, 10]) * MINUTE;
    note(process.name, `its wall clock is set by ${process.machine.wallIsAheadMs / MINUTE} min`);
  }
}
