import { randomUUID } from 'node:crypto';
import { Random } from '../foundation/random.js';
import type { FaultEffect, FaultRule, FaultState, HeldRequest, HookSpec, RequestMatch } from './contract.js';

/** The connection is dropped without an answer. */
export class ConnectionCut extends Error {}

/** What faults and hold points look at. */
export interface Probe extends HeldRequest {
  readonly isPart: boolean;
}

export type FaultAnswer = Extract<FaultEffect, { status: number }>;

/** What is to happen to one request besides its own answer. */
export interface Plan {
  readonly lagMs?: number;
  before(): Promise<void>;
  after(): Promise<void>;
  readonly answer?: FaultAnswer;
}

interface Rule {
  readonly state: FaultState;
  readonly test: (probe: Probe) => boolean;
  readonly random: Random;
}
interface Held {
  readonly request: HeldRequest;
  readonly letGo: (how: 'answer' | 'cut') => void;
}
interface Hook {
  readonly id: string;
  readonly spec: HookSpec;
  readonly test: (probe: Probe) => boolean;
  readonly held: Held[];
  readonly waiting: ((request: HeldRequest) => void)[];
}

const longestHoldMs = 60_000;

/** Faults and hold points that the control API has set; nothing of it runs while none is set. */
export class Interference {
  private readonly rules = new Map<string, Rule>();
  private readonly hooks = new Map<string, Hook>();

  addRule(rule: FaultRule): FaultState {
    const state = { ...rule, id: rule.id ?? randomUUID(), matched: 0, hits: 0 };
    this.rules.set(state.id, {
      state,
      test: matcher(rule.match, rule.tenantId),
      random: new Random(rule.seed ?? 1),
    });
    return state;
  }

  listRules(): FaultState[] {
    return [...this.rules.values()].map(({ state }) => ({ ...state }));
  }

  removeRule(id: string): boolean {
    return this.rules.delete(id);
  }

  clearRules(): void {
    this.rules.clear();
  }

  addHook(spec: HookSpec): string {
    const id = randomUUID();
    this.hooks.set(id, { id, spec, test: matcher(spec.match, spec.tenantId), held: [], waiting: [] });
    return id;
  }

  /** The first request held at the hook, now or later; undefined when there is no such hook. */
  waitAt(hookId: string): Promise<HeldRequest> | undefined {
    const hook = this.hooks.get(hookId);
    if (hook === undefined) return undefined;
    const [held] = hook.held;
    if (held !== undefined) return Promise.resolve(held.request);
    return new Promise((resolve) => hook.waiting.push(resolve));
  }

  release(hookId: string, how: 'answer' | 'cut'): boolean {
    const hook = this.hooks.get(hookId);
    if (hook === undefined) return false;
    this.hooks.delete(hookId);
    for (const held of hook.held) held.letGo(how);
    return true;
  }

  releaseAll(): void {
    for (const id of [...this.hooks.keys()]) this.release(id, 'cut');
  }

  /** Undefined, almost always: nothing interferes. */
  plan(probe: Probe): Plan | undefined {
    if (this.rules.size === 0 && this.hooks.size === 0) return undefined;
    const effects = this.effectsOn(probe);
    const hooks = [...this.hooks.values()].filter((hook) => hook.test(probe));
    return effects.length === 0 && hooks.length === 0 ? undefined : makePlan(probe, effects, hooks);
  }

  private effectsOn(probe: Probe): FaultEffect[] {
    const effects: FaultEffect[] = [];
    for (const { state, test, random } of this.rules.values()) {
      if (!test(probe) || state.hits >= (state.times ?? Infinity)) continue;
      state.matched += 1;
      if (state.matched <= (state.after ?? 0)) continue;
      if (state.probability !== undefined && random.next() >= state.probability) continue;
      state.hits += 1;
      effects.push(state.effect);
    }
    return effects;
  }
}

function makePlan(probe: Probe, effects: readonly FaultEffect[], hooks: readonly Hook[]): Plan {
  const at = (when: 'before-commit' | 'after-commit') => async (): Promise<void> => {
    for (const hook of hooks) if (hook.spec.at === when) await hold(hook, probe);
    for (const effect of effects) {
      if ('slowMs' in effect && (effect.at ?? 'before-commit') === when) await pause(effect.slowMs);
    }
    if (effects.some((effect) => 'cut' in effect && effect.cut === when)) throw new ConnectionCut(when);
  };
  const answer = effects.find((effect) => 'status' in effect);
  const lag = effects.find((effect) => 'lagMs' in effect);
  return {
    before: at('before-commit'),
    after: at('after-commit'),
    ...(answer === undefined ? {} : { answer }),
    ...(lag === undefined ? {} : { lagMs: lag.lagMs }),
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function hold(hook: Hook, probe: Probe): Promise<void> {
  const { isPart: _, ...request } = probe;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, longestHoldMs);
    const letGo = (how: 'answer' | 'cut'): void => {
      clearTimeout(timer);
      if (how === 'cut') reject(new ConnectionCut('released'));
      else resolve();
    };
    hook.held.push({ request, letGo });
    for (const waiter of hook.waiting.splice(0)) waiter(request);
  });
}

function matcher(match: RequestMatch, tenantId: string | undefined): (probe: Probe) => boolean {
  const path = match.path === undefined ? undefined : pathPattern(match.path);
  const method = match.method?.toUpperCase();
  const part = match.part ?? 'any';
  const wanted = tenantId?.toLowerCase();
  return (probe) =>
    (wanted === undefined || probe.tenantId === wanted) &&
    (method === undefined || probe.method === method) &&
    (part === 'any' || probe.isPart === (part === 'batch-part')) &&
    (path === undefined || path.test(probe.path));
}

/** `^…` is a regex; else a glob: `**` is anything, `*` anything but a slash. */
function pathPattern(pattern: string): RegExp {
  if (pattern.startsWith('^')) return new RegExp(pattern, 'i');
  const literal = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const glob = literal.replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
  return new RegExp(`^${glob}$`, 'i');
}
