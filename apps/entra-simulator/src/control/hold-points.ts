import { randomUUID } from 'node:crypto';
import { ConnectionCut } from './connection-cut.js';
import type { HeldRequest, HookSpec } from './contract.js';
import { ControlError } from './control-error.js';
import { matcher, type Probe, type Test } from './request-match.js';

interface Held {
  readonly request: HeldRequest;
  readonly letGo: (how: 'answer' | 'cut') => void;
}
interface Hook {
  readonly spec: HookSpec;
  readonly test: Test;
  readonly held: Held[];
  readonly waiting: ((request: HeldRequest) => void)[];
}

const longestHoldMs = 60_000;
const mostHooks = 1_000;

/** Places at which requests are held until a test lets them go. */
export class HoldPoints {
  private readonly hooks = new Map<string, Hook>();

  get isEmpty(): boolean {
    return this.hooks.size === 0;
  }

  add(spec: HookSpec): string {
    if (this.hooks.size >= mostHooks)
      throw new ControlError(400, `There are ${mostHooks} hold points already`);
    const id = randomUUID();
    this.hooks.set(id, { spec, test: matcher(spec.match, spec.tenantId), held: [], waiting: [] });
    return id;
  }

  /** The first request held there, now or later; undefined when there is no such hold point. */
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

  /** Holds the request at each point that it comes by; undefined when it comes by none. */
  onWay(probe: Probe): ((at: HookSpec['at']) => Promise<void>) | undefined {
    const passed = [...this.hooks.values()].filter((hook) => hook.test(probe));
    if (passed.length === 0) return undefined;
    return async (at) => {
      for (const hook of passed) if (hook.spec.at === at) await hold(hook, probe);
    };
  }
}

function hold(hook: Hook, { requestId, tenantId, method, path, partId }: Probe): Promise<void> {
  const request = { requestId, tenantId, method, path, partId };
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
