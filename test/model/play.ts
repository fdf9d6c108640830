import { DomainError, MINUTE, SECOND, type Instant, type UnitOfWork } from '#core/shared';
import type { AllStores } from '#core/access';
import type { Directory } from '#core/accounts';
import { FakeDirectory, FakeIds, FakeSecretBox, type InMemoryRows } from '#core/testing';
import { Chance } from './kernel/chance.js';
import { Scheduler, type Life } from './kernel/scheduler.js';
import { Trace } from './kernel/trace.js';
import { Hands } from './nemesis/hands.js';
import { Nemesis } from './nemesis/nemesis.js';
import { People, type Cast } from './nemesis/people.js';
import { Weather } from './nemesis/weather.js';
import { judgeGiven, judgeRest } from './oracle/judge-rest.js';
import { judgeSpans } from './oracle/judge-spans.js';
import { Oracle } from './oracle/oracle.js';
import { TenantWatch } from './oracle/tenant-watch.js';
import type { Violation } from './oracle/violation.js';
import { Api } from './processes/api.js';
import { Bells } from './processes/bells.js';
import { GatedDirectory } from './processes/gated-directory.js';
import { GatedUnitOfWork } from './processes/gated-unit-of-work.js';
import { ModelProcess, type Boot, type Ground } from './processes/model-process.js';
import { Network } from './processes/network.js';
import { revoker } from './processes/revoker.js';
import { SharedDatabase } from './processes/shared-database.js';
import { worker } from './processes/worker.js';
import { EXCHANGE, HELPDESK, ORGANIZATION, plantWorld } from './world.js';

const BEGIN = Date.UTC(2026, 0, 5, 9);
/** People act, and things go wrong, for so long. */
const ACTIVE_MS = 10 * MINUTE;
/** Then everything has time to come to rest. */
const REST_MS = 14 * MINUTE;
const LOOK_MS = MINUTE;

/** A bug that is planted from outside, for proof that the model notices it. */
export interface Plant {
  readonly unitOfWork?: (inner: UnitOfWork<AllStores>) => UnitOfWork<AllStores>;
  readonly directory?: (inner: Directory) => Directory;
}

export interface Played {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly trace: Trace;
  readonly steps: number;
  /** What the database says at the end. */
  readonly rows: InMemoryRows;
}

/** Plays one history from its seed, and judges it. */
export const play = (seed: number, plant: Plant = {}): Promise<Played> => new Play(seed, plant).play();

class Play {
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #database: SharedDatabase;
  readonly #directory: FakeDirectory;
  readonly #box = new FakeSecretBox();
  readonly #ids: FakeIds;
  readonly #watch: TenantWatch;
  readonly #oracle: Oracle;
  readonly #weather: Weather;
  readonly #bells: Bells;
  readonly #network: Network;
  readonly #ground: Ground;
  #nemesis: Nemesis | null = null;
  #people: People | null = null;
  #api: Api | null = null;

  constructor(
    private readonly seed: number,
    private readonly plant: Plant,
  ) {
    this.#chance = new Chance(seed);
    this.#ids = new FakeIds(seed);
    this.#scheduler = new Scheduler(BEGIN, this.#chance.fork());
    const now = (): Instant => this.#scheduler.now;
    this.#trace = new Trace(now, BEGIN);
    this.#database = new SharedDatabase(now, () => this.#scheduler.touch());
    this.#directory = new FakeDirectory(now);
    this.#watch = new TenantWatch(now, this.#box);
    const note = (who: string, what: string): void => this.#trace.note(who, what);
    this.#oracle = new Oracle({
      scheduler: this.#scheduler,
      database: this.#database,
      watch: this.#watch,
      note,
    });
    this.#weather = new Weather(this.#chance.fork(), now);
    this.#bells = new Bells(this.#scheduler, this.#chance.fork());
    this.#network = this.network(this.#chance.fork());
    const failed = (who: string, what: string, error: unknown): void => this.failed(who, what, error);
    this.#ground = {
      scheduler: this.#scheduler,
      chance: this.#chance.fork(),
      database: this.#database,
      note,
      failed,
    };
  }

  async play(): Promise<Played> {
    const scheduler = this.#scheduler;
    const tenants = this.tenants();
    const soil = { unitOfWork: this.#database.inner, ids: this.#ids, box: this.#box, now: BEGIN };
    const cast = await plantWorld(soil, tenants);
    this.#database.changed();
    tenants.forEach((tenant, index) => this.#watch.watch(tenant, cast.customers[index] ?? ''));
    this.people(cast, tenants);
    scheduler.every(this.judging());
    const isStopped = (): boolean => this.#oracle.violations.length > 0;
    // Whoever was held may ask late: then that has to come to rest too.
    for (let until = BEGIN + ACTIVE_MS; scheduler.now < until && !isStopped();) {
      await scheduler.play(until, isStopped);
      until = Math.max(BEGIN + ACTIVE_MS, this.#oracle.promises.lastEnd()) + REST_MS;
    }
    this.#nemesis?.end();
    judgeSpans(this.#oracle);
    if (this.#oracle.violations.length === 0) judgeRest(this.#oracle);
    const { violations } = this.#oracle;
    const rows = this.#database.rows();
    return { seed: this.seed, violations, trace: this.#trace, steps: scheduler.steps, rows };
  }

  private tenants() {
    const chance = this.#chance.fork();
    return Array.from({ length: chance.pick([1, 1, 2]) }, (_, index) =>
      this.#directory.addTenant({
        tenantId: `tenant-${index}`,
        groups: { [HELPDESK]: {}, [EXCHANGE]: {} },
        pim: chance.happens(0.2) ? { longestMinutes: null } : null,
        mayTouchRoleHolders: !chance.happens(0.15),
      }),
    );
  }

  private people(cast: Cast, tenants: ReturnType<Play['tenants']>): void {
    const world = { scheduler: this.#scheduler, database: this.#database, bells: this.#bells };
    const { note } = this.#ground;
    const chance = this.#chance.fork();
    const mirrorEveryMs = chance.pick([15, 30]) * SECOND;
    const armEveryMs = chance.pick([2, 6]) * MINUTE;
    const workers = ['worker 1', 'worker 2'].map((name) =>
      this.process(name, (life, clock) =>
        worker({ ...this.#ground, bells: this.#bells, armEveryMs }, life, this.ports(life, clock)),
      ),
    );
    const revoking: ModelProcess = this.process('revoker', (life, clock) => {
      const ports = { ...this.ports(life, clock, true), alone: clock.alone };
      return revoker({ ...this.#ground, mirrorEveryMs, self: () => revoking }, life, ports);
    });
    const api = this.process('api', (life, clock) => {
      const { unitOfWork: _, ...ports } = this.ports(life, clock);
      const unitOfWork = (committed: (result: unknown) => void) => this.unitOfWork(life, false, committed);
      const of = { promises: this.#oracle.promises, now: () => this.#scheduler.now };
      this.#api = new Api(ORGANIZATION, { ...ports, unitOfWork }, of);
      return [];
    });
    const processes = [...workers, revoking, api];
    this.#nemesis = new Nemesis({
      ...world,
      ...{ chance: chance.fork(), processes, workers, revoker: revoking, note },
      ...{ weather: this.#weather, oracle: this.#oracle },
      tenants: tenants.map((tenant, index) => ({ tenant, customerId: cast.customers[index] ?? '' })),
      hands: new Hands({ chance: chance.fork(), watch: this.#watch, note }),
    });
    this.#people = new People({
      ...{ scheduler: this.#scheduler, chance: chance.fork(), promises: this.#oracle.promises, cast, note },
      ...{ api: () => this.#api, process: api },
      refused: (what, error) => this.failed('people', what, error),
    });
    for (const process of processes) process.start();
    this.#nemesis.begin(BEGIN + ACTIVE_MS);
    this.#people.begin(BEGIN + ACTIVE_MS - MINUTE);
  }

  private process(name: string, boot: Boot): ModelProcess {
    return new ModelProcess(name, this.#ground, boot);
  }

  private ports(life: Life, clock: { now(): Instant }, forRevoker = false) {
    const directory = this.directory(life);
    return {
      unitOfWork: this.unitOfWork(life, forRevoker, () => undefined),
      directory: this.plant.directory?.(directory) ?? directory,
      changes: directory,
      queue: this.#bells.lineOf(life),
      clock,
      ids: this.#ids,
      box: this.#box,
    };
  }

  private unitOfWork(
    life: Life,
    forRevoker: boolean,
    promised: (result: unknown) => void,
  ): UnitOfWork<AllStores> {
    const { inner } = this.#database;
    const own = forRevoker ? inner.forRevoker() : inner;
    const line = {
      ...{ life, scheduler: this.#scheduler, chance: this.#ground.chance, database: this.#database },
      committed: (what: string, result: unknown) => {
        if (what === 'transaction') promised(result);
        this.#trace.note(life.name, what);
        this.#oracle.committed();
        this.#people?.follow();
      },
      losesAnswer: () => this.#ground.chance.happens(this.#nemesis?.losesCommits ?? 0),
    };
    return new GatedUnitOfWork(line, this.plant.unitOfWork?.(own) ?? own);
  }

  private directory(life: Life): GatedDirectory {
    return new GatedDirectory({
      ...{ life, scheduler: this.#scheduler, chance: this.#ground.chance },
      ...{ directory: this.#directory, network: this.#network },
      asked: ({ tenantId }, steps) => this.#oracle.asked(life.name, tenantId, steps),
      losesAnswer: (tenantId) => this.#weather.strikes(tenantId, 'loses whole answers') !== null,
      changesRefused: (tenantId) => this.#weather.strikes(tenantId, 'tells no changes') !== null,
    });
  }

  private network(chance: Chance): Network {
    return new Network(
      { scheduler: this.#scheduler, chance, directory: this.#directory },
      {
        latencyMs: (tenantId) => this.#weather.latencyMs(tenantId),
        arrival: (sent) => this.#weather.arrival(sent),
        failed: (error) => this.failed('network', 'a call', error),
        carrying: (sent) => (this.#watch.carrying = sent),
        arrived: ({ who, app, step }, { how }, outcome) => {
          const end = outcome.ok ? '' : ` (${outcome.error.reason})`;
          const user = 'user' in step.call ? step.call.user.slice(-2) : '';
          this.#trace.note(app.tenantId, `${who}: ${step.call.do} ${user} ${how}${end}`);
          const wait = outcome.ok ? null : outcome.error.facts.retryAfterSeconds;
          if (wait !== null) this.asksToWait(app.tenantId, wait);
          if (!outcome.ok && outcome.error.reason === 'replication') this.isUnseen(app.tenantId);
        },
      },
    );
  }

  /** A replica that doesn't know the object refuses whatever is done to it. */
  private isUnseen(tenantId: string): void {
    const { now } = this.#scheduler;
    const span = { from: now - 3 * SECOND, to: now + 3 * SECOND };
    this.#oracle.disturbances.add(span, { customerId: this.customerOf(tenantId) });
  }

  private customerOf(tenantId: string): string {
    const { connections } = this.#database.rows();
    return connections.find((row) => row.tenantId === tenantId)?.customerId ?? '';
  }

  private asksToWait(tenantId: string, seconds: number): void {
    const customerId = this.customerOf(tenantId);
    const until = this.#scheduler.now + seconds * SECOND + 10 * SECOND;
    const { askedUntil } = this.#oracle;
    askedUntil.set(customerId, Math.max(until, askedUntil.get(customerId) ?? 0));
  }

  private judging() {
    let last = BEGIN;
    return {
      ...{ life: null, label: 'oracle' },
      next: () => last + LOOK_MS,
      fire: () => {
        last = this.#scheduler.now;
        judgeGiven(this.#oracle);
      },
    };
  }

  /** Refusals are part of life; anything else that is thrown is a bug. */
  private failed(who: string, what: string, error: unknown): void {
    const isRefusal =
      error instanceof DomainError ||
      (error instanceof Error && ['DirectoryError', 'ChangedMeanwhile'].includes(error.constructor.name));
    this.#trace.note(who, `${what}: ${error instanceof DomainError ? error.code : String(error)}`);
    if (!isRefusal)
      this.#oracle.accuse('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
