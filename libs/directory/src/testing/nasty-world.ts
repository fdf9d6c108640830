import type { GroupId, ObjectId } from '#core/shared';
import type { TenantWish } from '#core/testing';
import {
  startTestSimulator,
  type TenantTruth,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { EntraDirectory } from '../index.js';
import type { Nastiness } from './nasty-list.js';
import { Patient } from './patient.js';
import { simulatedTenant, type SimulatedWorld } from './simulated-tenant.js';
import { Witness } from './witness.js';

/** A simulator on a clock that only waiting moves, and tenants in it that are beset by faults. */
export class NastyPlace {
  readonly simulator: TestSimulator;
  readonly #clock: { now: number };

  private constructor(simulator: TestSimulator, clock: { now: number }) {
    this.simulator = simulator;
    this.#clock = clock;
  }

  static async start(): Promise<NastyPlace> {
    const clock = { now: Date.now() };
    return new NastyPlace(await startTestSimulator({ validation: 'all', now: () => clock.now }), clock);
  }

  readonly wait = (ms: number): void => {
    this.#clock.now += ms;
  };

  async enter(faults: readonly Nastiness[], seed: number, wish: TenantWish = {}): Promise<NastyWorld> {
    const wishes = faults.reduce<TenantWish>((all, each) => ({ ...all, ...each.wish }), wish);
    const world = await simulatedTenant(this.simulator, wishes);
    const unclassified: unknown[] = [];
    const { url, caPem } = this.simulator;
    const directory = new EntraDirectory({
      clouds: { custom: { authorityHost: url, graphHost: url, caPem } },
      now: () => this.#clock.now,
      pace: { elapsed: () => this.#clock.now },
      onUnclassified: (facts) => unclassified.push(facts),
    });
    const mayTouchRoleHolders = wishes.mayTouchRoleHolders !== false;
    const nasty = new NastyWorld({
      place: this,
      world,
      directory,
      unclassified,
      faults,
      seed,
      mayTouchRoleHolders,
    });
    await nasty.beset();
    return nasty;
  }

  async stop(): Promise<void> {
    await this.simulator.stopSimulator();
  }
}

interface Parts {
  readonly place: NastyPlace;
  readonly world: SimulatedWorld;
  readonly directory: EntraDirectory;
  readonly unclassified: unknown[];
  readonly faults: readonly Nastiness[];
  readonly seed: number;
  readonly mayTouchRoleHolders: boolean;
}

/** One tenant, the faults that are set for it, the adapter under watch, and a patient caller before it. */
export class NastyWorld {
  readonly witness: Witness;
  readonly patient: Patient;
  readonly unclassified: readonly unknown[];
  readonly #parts: Parts;
  #rules: string[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.unclassified = parts.unclassified;
    this.witness = new Witness(parts.directory, parts.place.simulator);
    this.patient = new Patient(this.witness, parts.place.wait);
  }

  get world(): SimulatedWorld {
    return this.#parts.world;
  }

  get mayTouchRoleHolders(): boolean {
    return this.#parts.mayTouchRoleHolders;
  }

  get groups(): readonly GroupId[] {
    return this.world.groups.plain;
  }

  wait(ms: number): void {
    this.#parts.place.wait(ms);
  }

  truth(): Promise<TenantTruth> {
    return this.#parts.place.simulator.truth(this.world.app.tenantId);
  }

  /** Whether these let somebody in. */
  async signsIn(
    upn: string,
    proof: { password: string } | { temporaryAccessPass: string },
  ): Promise<boolean> {
    const attempt = { userPrincipalName: upn, ...proof };
    return (await this.#parts.place.simulator.signIn(this.world.app.tenantId, attempt)).ok;
  }

  async beset(): Promise<void> {
    const { place, faults, seed, world } = this.#parts;
    const { tenantId } = world.app;
    for (const { name, rule } of faults) {
      const { id } = await place.simulator.addNamedFault(name, { tenantId, seed, ...rule });
      this.#rules.push(id);
    }
  }

  async lift(): Promise<void> {
    for (const id of this.#rules) await this.#parts.place.simulator.clearFaults(id);
    this.#rules = [];
  }

  /** Somebody else's user, made while nothing goes wrong. */
  async plantUser(upn: string): Promise<ObjectId> {
    await this.lift();
    const id = await this.world.plantUser(upn);
    await this.beset();
    return id;
  }

  async hits(): Promise<number> {
    const rules = await this.#parts.place.simulator.faults();
    return rules.filter(({ id }) => this.#rules.includes(id)).reduce((sum, { hits }) => sum + hits, 0);
  }

  async close(): Promise<void> {
    await this.lift();
    await this.#parts.directory.close();
    await this.world.close();
  }
}
