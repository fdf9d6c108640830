import type { FaultEffect, FaultRule, FaultState, HeldRequest, HookSpec } from './contract.js';
import { ConnectionCut } from './connection-cut.js';
import { FaultRules, isAnswer, type Drawn, type FaultAnswer } from './fault-rules.js';
import { HoldPoints } from './hold-points.js';
import { PutOff } from './put-off.js';
import type { Probe } from './request-match.js';

export type LagEffect = Extract<FaultEffect, { lagMs: number }>;

/** What is to happen to one request besides its own answer. */
export interface Plan {
  /** False: the answer is given and nothing is done. */
  readonly isCarriedOut: boolean;
  readonly answer?: FaultAnswer;
  readonly lags: readonly LagEffect[];
  readonly deferMs: number;
  readonly isTwice: boolean;
  readonly isCutMidBatch: boolean;
  readonly withoutPermissions: readonly string[];
  readonly withoutRoles: boolean;
  before(): Promise<void>;
  after(): Promise<void>;
}

type Moment = 'before-commit' | 'after-commit';

/** Faults and hold points that the control API has set; nothing of it runs while none is set. */
export class Interference {
  private readonly rules = new FaultRules();
  private readonly hooks = new HoldPoints();
  /** Writes that were answered and are still to be carried out. */
  readonly putOff = new PutOff();

  constructor(private readonly now: () => number) {}

  addRule(rule: FaultRule & { named?: string }): FaultState {
    return this.rules.add(rule, this.now());
  }

  listRules(): FaultState[] {
    return this.rules.list();
  }

  removeRule(id: string): boolean {
    return this.rules.remove(id);
  }

  clearRules(): void {
    this.rules.clear();
  }

  addHook(spec: HookSpec): string {
    return this.hooks.add(spec);
  }

  waitAt(hookId: string): Promise<HeldRequest> | undefined {
    return this.hooks.waitAt(hookId);
  }

  release(hookId: string, how: 'answer' | 'cut'): boolean {
    return this.hooks.release(hookId, how);
  }

  releaseAll(): void {
    this.hooks.releaseAll();
  }

  /** Undefined, almost always: nothing interferes. */
  plan(probe: Probe): Plan | undefined {
    if (this.rules.isEmpty && this.hooks.isEmpty) return undefined;
    const effects = this.rules.hitsOn(probe, this.now());
    const hold = this.hooks.onWay(probe);
    return effects.length === 0 && hold === undefined ? undefined : planOf(effects, hold);
  }
}

/** At each of the two moments: held first, then slow, then cut. */
function planOf(effects: readonly Drawn[], hold: ((at: Moment) => Promise<void>) | undefined): Plan {
  const at = async (moment: Moment): Promise<void> => {
    await hold?.(moment);
    for (const effect of effects) {
      if ('slowMs' in effect && (effect.at ?? 'before-commit') === moment) await pause(effect.slowMs);
    }
    if (effects.some((effect) => 'cut' in effect && effect.cut === moment)) throw new ConnectionCut(moment);
  };
  const answer = effects.find(isAnswer);
  return {
    isCarriedOut: answer?.commit ?? true,
    ...(answer === undefined ? {} : { answer }),
    lags: effects.filter((effect) => 'lagMs' in effect),
    deferMs: Math.max(0, ...effects.map((effect) => ('deferMs' in effect ? effect.deferMs : 0))),
    isTwice: effects.some((effect) => 'twice' in effect),
    isCutMidBatch: effects.some((effect) => 'cut' in effect && effect.cut === 'mid-batch'),
    withoutPermissions: effects.flatMap((effect) =>
      'withoutPermissions' in effect ? effect.withoutPermissions : [],
    ),
    withoutRoles: effects.some((effect) => 'withoutRoles' in effect),
    before: () => at('before-commit'),
    after: () => at('after-commit'),
  };
}

/** Keeps no process alive whose server has stopped meanwhile. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
