import type { Tenant } from '../state/tenant.js';

/** One HTTP exchange: two overlap when one came in before the other was answered. */
export interface Exchange {
  readonly arrived: number;
  answered?: number;
}

/** A write's place: its exchange and, in a batch, how many requests it had to wait for. */
export interface Turn {
  readonly exchange: Exchange;
  readonly depth: number;
}

let ticks = 0;

export const arrive = (): Exchange => ({ arrived: ++ticks });

export function leave(exchange: Exchange): void {
  exchange.answered = ++ticks;
}

/** Remembers who wrote to an object last, to tell which writes met. */
export class Turns {
  private readonly last = new WeakMap<Tenant, Map<string, Turn>>();

  /** Whether this write meets another one to the same object; the write that loses changes nothing. */
  meets(tenant: Tenant, objectId: string, turn: Turn): boolean {
    const turns = this.last.get(tenant) ?? new Map<string, Turn>();
    this.last.set(tenant, turns);
    const before = turns.get(objectId);
    if (before !== undefined && overlap(before, turn)) return true;
    turns.set(objectId, turn);
    return false;
  }
}

function overlap(before: Turn, now: Turn): boolean {
  if (before.exchange === now.exchange) return before.depth === now.depth;
  return before.exchange.answered === undefined || before.exchange.answered > now.exchange.arrived;
}
