import type { LagEffect, Plan } from '../control/interference.js';
import type { Lags } from '../control/contract.js';
import type { LagDomain } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import { Writer } from '../state/writer.js';
import type { Caller } from './context.js';

/** What faults change in how a request is carried out. */
export interface Circumstances extends Pick<Plan, 'lags' | 'withoutPermissions' | 'withoutRoles'> {
  /** The answer is worked out and nothing is written. */
  readonly isRehearsal?: boolean;
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** The caller as the request is to see it: short of permissions, or of all directory roles. */
export function callerUnder(caller: Caller, { withoutPermissions, withoutRoles }: Circumstances): Caller {
  const roles = [...caller.roles].filter((role) => !withoutPermissions.includes(role));
  return {
    ...caller,
    roles: new Set(roles),
    ...(withoutRoles ? { servicePrincipalId: nobody } : {}),
  };
}

/** The tenant's lags, or longer; undefined when no fault has one. */
export function lagsUnder(own: Lags, { lags: effects }: Circumstances): Lags | undefined {
  if (effects.length === 0) return undefined;
  const longer = (Object.keys(own) as LagDomain[]).map((domain) => {
    const lag = own[domain];
    const meant = effects.filter(({ of }) => of?.includes(domain) ?? true);
    const minMs = Math.max(lag.minMs, ...meant.map(({ fromMs, lagMs }) => fromMs ?? lagMs));
    const maxMs = Math.max(lag.maxMs, ...meant.map(({ lagMs }) => lagMs));
    return [domain, { ...lag, minMs, maxMs }];
  });
  return Object.fromEntries(longer) as Lags;
}

/** Writes nothing: for requests that are answered before they are carried out. */
export class RehearsalWriter extends Writer {
  override put(): void {
    // What is only rehearsed leaves no trace.
  }

  override configure(): void {
    // A setting is no less a trace than a row.
  }

  override putApp(): void {
    // Nor is a consent.
  }

  override note(): void {
    // Nor is it remembered.
  }
}

/** Tenants whose replicas disagree for a while because a fault made them. */
export class Flapping {
  private readonly tenants = new WeakMap<Tenant, { replicas: number; untilAt: number }>();

  remember(tenant: Tenant, effects: readonly LagEffect[], now: number): void {
    for (const { replicas, lagMs } of effects) {
      if (replicas === undefined) continue;
      const before = this.replicasOf(tenant, now);
      const untilAt = Math.max(this.tenants.get(tenant)?.untilAt ?? 0, now + lagMs);
      this.tenants.set(tenant, { replicas: Math.max(before, replicas), untilAt });
    }
  }

  replicasOf(tenant: Tenant, now: number): number {
    const known = this.tenants.get(tenant);
    return known === undefined || known.untilAt <= now ? 1 : known.replicas;
  }
}
