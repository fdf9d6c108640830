import { createHash, randomUUID } from 'node:crypto';
import { isoMillis } from '../foundation/clock.js';
import { Random } from '../foundation/random.js';
import type { FaultEffect, FaultRule, FaultState } from './contract.js';
import { ControlError } from './control-error.js';
import { matcher, type Probe, type Test } from './request-match.js';

interface Rule {
  readonly state: FaultState;
  readonly test: Test;
  readonly random: Random;
  readonly fromAt: number;
  readonly untilAt: number;
}

/** An effect whose chances are drawn: it is known whether the request is carried out. */
export type Drawn = Exclude<FaultEffect, { commit?: unknown }> | FaultAnswer;
type Answering = Extract<FaultEffect, { commit?: unknown }>;
type WithCommit<Effect> = Effect extends unknown ? Omit<Effect, 'commit'> & { commit: boolean } : never;
/** What a rule answers in place of Graph. */
export type FaultAnswer = WithCommit<Answering>;

const mostRules = 1_000;

export const isAnswer = (effect: Drawn): effect is FaultAnswer => 'status' in effect || 'garble' in effect;

/** The rules that are set, in the order in which they were. */
export class FaultRules {
  private readonly rules = new Map<string, Rule>();

  get isEmpty(): boolean {
    return this.rules.size === 0;
  }

  /** Throws `ControlError` for a rule that can never hit, and for one too many. */
  add(rule: FaultRule & { named?: string }, now: number): FaultState {
    if (this.rules.size >= mostRules)
      throw new ControlError(400, `There are ${mostRules} fault rules already`);
    const { forMs, ...rest } = rule;
    const fromAt = rule.from === undefined ? now : Date.parse(rule.from);
    const until = rule.until ?? (forMs === undefined ? undefined : isoMillis(fromAt + forMs));
    const untilAt = until === undefined ? Infinity : Date.parse(until);
    if (untilAt <= fromAt) throw new ControlError(400, 'The rule would end before it begins');
    const state = {
      ...rest,
      ...(until === undefined ? {} : { until }),
      id: rule.id ?? randomUUID(),
      matched: 0,
      hits: 0,
    };
    const random = new Random(rule.seed ?? seedOf(rule));
    this.rules.set(state.id, { state, test: matcher(rule.match, rule.tenantId), random, fromAt, untilAt });
    return { ...state };
  }

  list(): FaultState[] {
    return [...this.rules.values()].map(({ state }) => ({ ...state }));
  }

  remove(id: string): boolean {
    return this.rules.delete(id);
  }

  clear(): void {
    this.rules.clear();
  }

  /**
   * What befalls a request. One rule at most decides its answer, the first that hits; the others that would have are
   * left for the next request, and so are their counts. What only changes its course adds up.
   */
  hitsOn(probe: Probe, now: number): Drawn[] {
    const drawn: Drawn[] = [];
    for (const rule of this.rules.values()) {
      const { effect } = rule.state;
      if (decides(effect) && drawn.some(decides)) continue;
      if (!concerns(effect, probe) || now < rule.fromAt || now >= rule.untilAt) continue;
      if (hits(rule, probe)) drawn.push(settled(rule));
    }
    return drawn;
  }
}

const decides = (effect: FaultEffect | Drawn): boolean =>
  'status' in effect || 'garble' in effect || 'cut' in effect;

/** A part of a batch has no text of its own to garble, and only a batch can break in its middle. */
function concerns(effect: FaultEffect, probe: Probe): boolean {
  if ('garble' in effect) return !probe.isPart;
  return !('cut' in effect) || effect.cut !== 'mid-batch' || probe.path === '/$batch';
}

function hits({ state, test, random }: Rule, probe: Probe): boolean {
  if (!test(probe) || state.hits >= (state.times ?? Infinity)) return false;
  state.matched += 1;
  if (state.matched <= (state.after ?? 0)) return false;
  if (state.probability !== undefined && random.next() >= state.probability) return false;
  state.hits += 1;
  return true;
}

function settled({ state: { effect }, random }: Rule): Drawn {
  if (!('status' in effect || 'garble' in effect)) return effect;
  const usual = 'garble' in effect && effect.garble !== 'html';
  const { commit = usual } = effect;
  return { ...effect, commit: commit === 'perhaps' ? random.next() < 0.5 : commit };
}

/** Two rules draw alike only when they are alike. */
function seedOf({ effect, match, named }: FaultRule & { named?: string }): number {
  const text = JSON.stringify([named, match, effect]);
  return createHash('sha1').update(text).digest().readUInt32BE(0);
}
