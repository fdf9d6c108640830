import type { HoldScope } from '#core/grants';
import {
  idOf,
  MINUTE,
  SECOND,
  type CustomerId,
  type GrantId,
  type Instant,
  type PolicyId,
  type TechnicianId,
} from '#core/shared';
import type { Chance } from '../kernel/chance.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { endOf, type Promises, type Right } from '../oracle/promises.js';
import { LONGEST_MS, type Api, type Wish } from '../processes/api.js';
import type { ModelProcess } from '../processes/model-process.js';

/** Who and what there is to ask for. */
export interface Cast {
  readonly technicians: readonly TechnicianId[];
  readonly customers: readonly CustomerId[];
  readonly policies: readonly PolicyId[];
}

export interface PeopleWorld {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly promises: Promises;
  readonly api: () => Api | null;
  readonly process: ModelProcess;
  readonly cast: Cast;
  readonly note: (who: string, what: string) => void;
  readonly refused: (what: string, error: unknown) => void;
}

/** How close to an end people are, at times. */
const NEAR_MS = [-1_000, -50, -5, -1, 0, 1, 5, 50];

/** What people do: they ask, ask twice, ask again, put an end off at the last moment, end, reveal, pull the switch. */
export class People {
  readonly #followed = new Set<GrantId>();

  constructor(private readonly world: PeopleWorld) {}

  /** Everything that is to be done until then. */
  begin(until: Instant): void {
    const { chance, scheduler } = this.world;
    const from = scheduler.now;
    const some = (least: number, most: number, act: () => void): void => {
      for (let left = chance.between(least, most); left > 0; left -= 1)
        scheduler.plan('people', chance.between(from, until), act);
    };
    some(2, 5, () => this.ask());
    some(0, 1, () => this.kill());
    if (chance.happens(0.15)) some(1, 1, () => this.suspend());
  }

  /** New rights have their own followers: called after each commit. */
  follow(): void {
    for (const right of this.world.promises.rights.values()) {
      if (this.#followed.has(right.grantId)) continue;
      this.#followed.add(right.grantId);
      this.goOnWith(right);
    }
  }

  private goOnWith(right: Right): void {
    const { chance } = this.world;
    const somewhen = (): Instant => chance.between(right.startsAt, endOf(right));
    const nearTheEnd = (): Instant => right.expiresAt + chance.pick(NEAR_MS);
    const { grantId, technicianId } = right;
    if (chance.happens(0.4)) {
      const at = chance.happens(0.5) ? nearTheEnd() : somewhen();
      this.plan(at, () => this.do(`extends ${grantId}`, (api) => api.extend(grantId, this.later(right))));
    }
    if (chance.happens(0.25)) {
      const at = chance.happens(0.5) ? nearTheEnd() : somewhen();
      this.plan(at, () => this.do(`ends ${grantId}`, (api) => api.end(grantId)));
    }
    if (chance.happens(0.4))
      this.plan(somewhen(), () => this.do(`reveals ${grantId}`, (api) => api.reveal(grantId, technicianId)));
  }

  private later({ startsAt, expiresAt }: Right): Instant {
    return Math.min(startsAt + LONGEST_MS, expiresAt + this.world.chance.between(1, 10) * MINUTE);
  }

  private ask(): void {
    const { cast, chance, scheduler } = this.world;
    const wish: Wish = {
      technicianId: chance.pick(cast.technicians),
      customerId: chance.pick(cast.customers),
      policyId: chance.pick(cast.policies),
      durationSeconds: chance.pick([30, 60, 180, 360, 720]),
      startsAt: chance.happens(0.25) ? scheduler.now + chance.between(0, 5) * MINUTE : null,
      key: chance.happens(0.5) ? `key ${scheduler.steps}` : null,
    };
    const times = chance.pick([1, 1, 1, 2, 3]);
    for (let time = 0; time < times; time += 1)
      this.plan(scheduler.now + chance.pick([0, 0, 3, 40, 5_000]) * Math.min(time, 1), () =>
        this.do(`asks for ${wish.durationSeconds} s`, (api) => api.request(wish)),
      );
  }

  private kill(): void {
    const { cast, chance, scheduler } = this.world;
    const scope: HoldScope = chance.pick([
      { kind: 'organization' },
      { kind: 'technician', technicianId: chance.pick(cast.technicians) },
      { kind: 'customer', customerId: chance.pick(cast.customers) },
    ]);
    this.do(`pulls the switch for ${scope.kind}`, async (api) => {
      const hold = await api.kill(scope);
      const at = scheduler.now + chance.pick([SECOND, 20 * SECOND, 4 * MINUTE]);
      this.plan(at, () => this.do('lifts', (again) => again.lift(hold)));
    });
  }

  private suspend(): void {
    const { cast, chance, scheduler } = this.world;
    const technicianId = chance.pick(cast.technicians);
    this.do('suspends', (api) => api.suspend(technicianId));
    this.plan(scheduler.now + chance.pick([SECOND, 2 * MINUTE]), () =>
      this.do('reinstates', (api) => api.reinstate(idOf(technicianId))),
    );
  }

  private plan(at: Instant, act: () => void): void {
    this.world.scheduler.plan('people', Math.max(at, this.world.scheduler.now), act);
  }

  /** A command that finds nobody there is not given again. */
  private do(what: string, command: (api: Api) => Promise<unknown>): void {
    const { process, scheduler, api, note, refused } = this.world;
    const { life } = process;
    if (life === null) return note('people', `${what}: nobody is there`);
    const open = (): void => {
      note('people', what);
      const there = api();
      if (there === null) return;
      void command(there).then(
        () => note('people', `${what}: done`),
        (error: unknown) => refused(what, error),
      );
    };
    scheduler.put({ life, label: what, at: scheduler.now, open });
  }
}
