import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { SECOND } from '#core/shared';
import { BellsSweep } from './bells.sweep.js';
import { ConsentsSweep } from './consents.sweep.js';
import { CanariesSweep } from './canaries.sweep.js';
import { DriftSweep } from './drift.sweep.js';
import { DueSweep } from './due.sweep.js';
import { HoldsSweep } from './holds.sweep.js';
import type { OnLook } from './on-look.js';
import { RemovalsSweep } from './removals.sweep.js';
import { ValidationsSweep } from './validations.sweep.js';

/** What the sweeps are told by the process. */
export interface SweepSettings {
  readonly intervalMs: number;
  /** What this worker is woken by; the clock is read in any case. */
  readonly bells: readonly ('queue' | 'sweep')[];
  /** Reads the database's time, which the clock follows. */
  readonly refreshClock: () => Promise<boolean>;
  readonly onLook: OnLook;
}
export const SWEEP_SETTINGS = Symbol('sweep settings');

const CLOCK_MS = 10 * SECOND;
/** How often customers are looked for that are due to be compared with their tenant: each is every five minutes. */
const DRIFT_MS = 5 * SECOND;
/** Whoever removes a customer watches; taking away waits for none of this. */
const REMOVALS_MS = 5 * SECOND;
/** Whoever asked for a consent watches; of what was said, the rows tell when Entra is asked. */
const CONSENTS_MS = 3 * SECOND;
/** Whatever a kill switch could not reach at once is owed now. Where it has reached all, this reads an empty index. */
const HOLDS_MS = SECOND;
/** Whoever begins a validation run watches it. Where none is under way, this reads an empty index. */
const VALIDATIONS_MS = SECOND;
/** Somebody may wait for a tier to be proven. Where no canary is under way, this reads an empty index. */
const CANARIES_MS = SECOND;
/** A queue that was emptied has all its bells again within a minute, the pass itself included. */
const BELLS_MS = 30 * SECOND;

/** What somebody has begun, and watches. */
@Injectable()
export class Watched {
  constructor(
    readonly consents: ConsentsSweep,
    readonly removals: RemovalsSweep,
    readonly validations: ValidationsSweep,
  ) {}
}

/** What somebody waits for. */
@Injectable()
export class Prompt {
  constructor(
    readonly holds: HoldsSweep,
    readonly canaries: CanariesSweep,
  ) {}
}

/** What no end waits for, but for what a kill switch found held. */
@Injectable()
export class Upkeep {
  constructor(
    readonly drift: DriftSweep,
    readonly prompt: Prompt,
    readonly watched: Watched,
  ) {}
}

/** What is done again and again. */
@Injectable()
export class RecurringWork {
  constructor(
    readonly due: DueSweep,
    readonly bells: BellsSweep,
    readonly upkeep: Upkeep,
  ) {}
}

/** All recurring work on one page. Plain intervals: nothing of them is kept anywhere to go stale. */
@Injectable()
export class Sweeps implements OnApplicationBootstrap {
  constructor(
    @Inject(SWEEP_SETTINGS) private readonly settings: SweepSettings,
    private readonly registry: SchedulerRegistry,
    private readonly work: RecurringWork,
  ) {}

  onApplicationBootstrap(): void {
    const { due, bells, upkeep } = this.work;
    const { intervalMs, refreshClock } = this.settings;
    this.every('drift', DRIFT_MS, () => upkeep.drift.run());
    this.every('clock', CLOCK_MS, () => refreshClock());
    this.every('removals', REMOVALS_MS, () => upkeep.watched.removals.run());
    this.every('consents', CONSENTS_MS, () => upkeep.watched.consents.run());
    this.every('holds', HOLDS_MS, () => upkeep.prompt.holds.run());
    this.every('validations', VALIDATIONS_MS, () => upkeep.watched.validations.run());
    this.every('canaries', CANARIES_MS, () => upkeep.prompt.canaries.run());
    if (this.settings.bells.includes('sweep')) this.atOnceAndEvery('due', intervalMs, () => due.run());
    if (this.settings.bells.includes('queue')) this.atOnceAndEvery('bells', BELLS_MS, () => bells.run());
  }

  /** At once too: whatever fell due while nobody was here, and the bells of a queue that was wiped meanwhile. */
  private atOnceAndEvery(name: string, ms: number, work: () => Promise<unknown>): void {
    this.every(name, ms, work);
    work().catch(() => undefined);
  }

  /** Starts nothing more, and waits for what is being done. */
  async stop(): Promise<void> {
    for (const name of this.registry.getIntervals()) this.registry.deleteInterval(name);
    const { due, bells, upkeep } = this.work;
    const { drift, prompt, watched } = upkeep;
    const { holds, canaries } = prompt;
    const { consents, removals, validations } = watched;
    const all = [due, bells, drift, consents, removals, holds, canaries, validations];
    await Promise.all(all.map((each) => each.idle()));
  }

  /** None of the works throws: each tells its failures itself. */
  private every(name: string, ms: number, work: () => Promise<unknown>): void {
    this.registry.addInterval(
      name,
      setInterval(() => {
        work().catch(() => undefined);
      }, ms),
    );
  }
}
