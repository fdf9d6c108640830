import {
  DirectoryError,
  workloadOf,
  type Directory,
  type DirectoryCall,
  type DirectoryErrorReason,
  type DirectoryStep,
  type StepOutcome,
  type TenantChanges,
  type TenantInspection,
  type UserChanges,
} from '#core/accounts';
import type { Instant } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { carryOut, wholeSecond } from './fake-directory-calls.js';
import { TIMED_ROLES } from './fake-directory-refusals.js';
import { FakeTenant, type FakeTenantSpec } from './fake-directory-tenant.js';

export {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FAKE_PERMISSIONS,
  FakeTenant,
  type FakeGroup,
  type FakeTenantSpec,
  type FakeUser,
  type FakeUserView,
} from './fake-directory-tenant.js';

/** Which calls a fault is for: all of one kind, or those that a predicate picks. */
export type CallMatcher = DirectoryCall['do'] | ((call: DirectoryCall, tenantId: string) => boolean);

/** How a call is to fail. Unsaid: retry `later`, no status, no Retry-After. */
export interface FakeFault {
  readonly reason: DirectoryErrorReason;
  readonly retry?: 'later' | 'never';
  readonly status?: number;
  readonly code?: string;
  readonly retryAfterSeconds?: number;
}

/** One step as it reached the fake. `outcome` is `ok` or the reason of the failure; `applied`: the tenant was changed or read. */
export interface FakeCallRecord {
  readonly at: Instant;
  readonly tenantId: string;
  /** Steps of one `perform` share this number. */
  readonly perform: number;
  readonly ref: string;
  readonly call: DirectoryCall;
  readonly applied: boolean;
  readonly outcome: 'ok' | DirectoryErrorReason;
}

/** Called around each step; may be async to hold a call. One that throws lets `perform` reject, as a dying process does. */
export type CallHook = (call: DirectoryCall, tenant: FakeTenant) => void | Promise<void>;

interface Fault {
  readonly matches: CallMatcher;
  readonly fault: FakeFault;
  readonly applies: boolean;
  left: number;
}

const FOR_EVER = Number.POSITIVE_INFINITY;
const matchesCall = (matcher: CallMatcher, call: DirectoryCall, tenantId: string): boolean =>
  typeof matcher === 'string' ? matcher === call.do : matcher(call, tenantId);

const errorOf = (fault: FakeFault, call: DirectoryCall, text: string): DirectoryError =>
  new DirectoryError(fault.reason, `${fault.code ?? 'fake'}: ${text}`, {
    retry: fault.retry ?? 'later',
    workload: fault.reason === 'credential_bad' ? 'sign-in' : workloadOf(call),
    status: fault.status ?? null,
    code: fault.code ?? null,
    retryAfterSeconds: fault.retryAfterSeconds ?? null,
    requestId: null,
  });

/**
 * Microsoft Graph in memory: behaves through the port as `EntraDirectory` does (both pass `directoryContract`).
 * Denies by default: a tenant that was not added, another client id or another credential is `credential_bad`.
 * State is changed synchronously, step by step in the given order, so a test may look at any time:
 *
 *     const directory = new FakeDirectory(() => clock.now());
 *     const tenant = directory.addTenant({ tenantId: 't', groups: { helpers: {} } });
 *     directory.applyWithoutAnswer('createUser');            // carried out, answer lost
 *     await directory.perform(tenant.app(), steps, 10_000);
 *     expect(tenant.user('jo@t.example')).toMatchObject({ enabled: true, roles: [...] });
 */
export class FakeDirectory implements Directory, TenantChanges {
  /** Every step so far, in order. */
  readonly calls: FakeCallRecord[] = [];
  /** How many times `perform` was called: one HTTP call each, more or less. */
  performs = 0;
  /** How changes are refused, as long as it stands. */
  changesFail: FakeFault | null = null;
  readonly #tenants = new Map<string, FakeTenant>();
  readonly #faults: Fault[] = [];
  readonly #before: CallHook[] = [];
  readonly #after: CallHook[] = [];
  readonly #now: () => Instant;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  addTenant(spec: FakeTenantSpec): FakeTenant {
    const tenant = new FakeTenant(spec, this.#now);
    this.#tenants.set(spec.tenantId, tenant);
    return tenant;
  }

  /** Throws when it was never added. */
  tenant(tenantId: string): FakeTenant {
    const tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) throw new Error(`No fake tenant ${tenantId}.`);
    return tenant;
  }

  /** The next matching calls (`times`, default 1; `Infinity` for ever) fail and change nothing. Returns how to end it. */
  failNext(matcher: CallMatcher, fault: FakeFault, times = 1): () => void {
    return this.#plant({ matches: matcher, fault, applies: false, left: times });
  }

  /** The next matching calls are carried out and answered `unanswered`: the answer was lost. Returns how to end it. */
  applyWithoutAnswer(matcher: CallMatcher, times = 1): () => void {
    return this.#plant({ matches: matcher, fault: { reason: 'unanswered' }, applies: true, left: times });
  }

  /** Nothing of this tenant answers until the returned function is called. */
  outage(tenantId: string): () => void {
    return this.failNext((_call, id) => id === tenantId, { reason: 'unanswered' }, FOR_EVER);
  }

  /** Before each step is carried out: the place for "what if right now …". Returns how to take the hook off. */
  beforeCall(hook: CallHook): () => void {
    return add(this.#before, hook);
  }

  /** After each step was carried out and before it is answered. Returns how to take the hook off. */
  afterCall(hook: CallHook): () => void {
    return add(this.#after, hook);
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    this.performs += 1;
    const outcomes = new Map<string, StepOutcome>();
    for (const step of inOrder(steps)) {
      const outcome = await this.#step(app, step, timeoutMs <= 0 ? 'out of time' : unmet(step, outcomes));
      outcomes.set(step.ref, outcome);
    }
    return steps.flatMap(({ ref }) => outcomes.get(ref) ?? []);
  }

  /** `outage` and faults of `perform` don't touch it: `changesFail` does. */
  readChanges(app: EntraApp, cursor: string | null, timeoutMs: number): Promise<UserChanges> {
    const tenant = this.#accepting(app);
    const probe: DirectoryCall = { do: 'findUser', upn: '' };
    if (timeoutMs <= 0) return Promise.reject(errorOf({ reason: 'unanswered' }, probe, 'No time left.'));
    if (tenant === null) return Promise.reject(badCredential(probe));
    if (this.changesFail !== null)
      return Promise.reject(errorOf(this.changesFail, probe, 'Changes are not told.'));
    const from = cursor === null ? 0 : Number(/^write (\d+)$/.exec(cursor)?.[1]);
    const { changes, place, caughtUp } = tenant.changesSince(from);
    return Promise.resolve({ changes, cursor: `write ${place}`, restarted: false, caughtUp });
  }

  inspect(app: EntraApp, timeoutMs: number): Promise<TenantInspection> {
    const tenant = this.#accepting(app);
    const probe: DirectoryCall = { do: 'findUser', upn: '' };
    if (timeoutMs <= 0) return Promise.reject(errorOf({ reason: 'unanswered' }, probe, 'No time left.'));
    if (tenant === null) return Promise.reject(badCredential(probe));
    return Promise.resolve({
      tenantId: tenant.tenantId,
      displayName: tenant.displayName,
      permissions: [...tenant.permissions],
      missingPermissions: tenant.missingPermissions(),
      recommendedPermissions: tenant.recommendedPermissions(),
      domains: tenant.permissions.has('Domain.Read.All')
        ? tenant.domains.map((name) => ({ name, verified: true, managed: true }))
        : [],
      capabilities: {
        mayTouchRoleHolders: tenant.mayTouchRoleHolders,
        pass: tenant.permissions.has('Policy.Read.AuthenticationMethod') ? tenant.pass : null,
        timedRoles: tenant.pim !== null && tenant.permitsAny(TIMED_ROLES),
      },
      credentialEndsAt: tenant.credentialEndsAt,
    });
  }

  async #step(app: EntraApp, step: DirectoryStep, obstacle: string | null): Promise<StepOutcome> {
    const tenant = this.#accepting(app);
    const unsent = (error: DirectoryError): Attempt => ({
      step,
      applied: false,
      outcome: failed(step, error, null),
    });
    if (obstacle !== null) return this.#record(app, unsent(notTried(step.call, obstacle)));
    if (tenant === null) return this.#record(app, unsent(badCredential(step.call)));
    for (const hook of [...this.#before]) await hook(step.call, tenant);
    const fault = this.#take(step.call, app.tenantId);
    if (fault !== null && !fault.applies) {
      const at = fault.fault.reason === 'unanswered' ? null : wholeSecond(this.#now());
      const error = errorOf(fault.fault, step.call, 'A planted fault.');
      return this.#record(app, { step, applied: false, outcome: failed(step, error, at) });
    }
    const outcome = this.#carryOut(tenant, step);
    for (const hook of [...this.#after]) await hook(step.call, tenant);
    if (fault === null) return this.#record(app, { step, applied: outcome.ok, outcome });
    const lost = failed(step, errorOf(fault.fault, step.call, 'The answer was lost.'), null);
    return this.#record(app, { step, applied: outcome.ok, outcome: lost });
  }

  #carryOut(tenant: FakeTenant, step: DirectoryStep): StepOutcome {
    const at = wholeSecond(this.#now());
    try {
      return { ref: step.ref, at, ok: true, answer: carryOut(tenant, step.call, this.#now()) };
    } catch (error) {
      if (error instanceof DirectoryError) return failed(step, error, at);
      throw error;
    }
  }

  #record(app: EntraApp, { step, applied, outcome }: Attempt): StepOutcome {
    this.calls.push({
      at: this.#now(),
      tenantId: app.tenantId,
      perform: this.performs,
      ref: step.ref,
      call: step.call,
      applied,
      outcome: outcome.ok ? 'ok' : outcome.error.reason,
    });
    return outcome;
  }

  #accepting(app: EntraApp): FakeTenant | null {
    const tenant = this.#tenants.get(app.tenantId);
    if (tenant === undefined || tenant.cloud !== app.cloud) return null;
    const { clientId, credential, otherApps } = tenant;
    const accepted = app.clientId === clientId ? credential : otherApps.get(app.clientId);
    return accepted === app.credential.value.expose() ? tenant : null;
  }

  #plant(fault: Fault): () => void {
    return add(this.#faults, fault);
  }

  #take(call: DirectoryCall, tenantId: string): Fault | null {
    const fault = this.#faults.find(({ matches, left }) => left > 0 && matchesCall(matches, call, tenantId));
    if (fault === undefined) return null;
    fault.left -= 1;
    return fault;
  }
}

interface Attempt {
  readonly step: DirectoryStep;
  readonly applied: boolean;
  readonly outcome: StepOutcome;
}

const failed = ({ ref }: DirectoryStep, error: DirectoryError, at: Instant | null): StepOutcome => ({
  ref,
  at,
  ok: false,
  error,
});
const badCredential = (call: DirectoryCall): DirectoryError =>
  errorOf(
    { reason: 'credential_bad', status: 401, code: 'AADSTS7000215' },
    call,
    'No such tenant, app or credential in the fake directory.',
  );
const notTried = (call: DirectoryCall, why: string): DirectoryError =>
  errorOf({ reason: 'not_tried', status: 424 }, call, `Not tried: ${why}.`);

const unmet = ({ after }: DirectoryStep, outcomes: ReadonlyMap<string, StepOutcome>): string | null =>
  after === undefined || outcomes.get(after)?.ok === true ? null : `${after} did not succeed`;

/** Those that wait behind those they wait for; a plan that waits for itself or for nothing known is a bug. */
const inOrder = (steps: readonly DirectoryStep[]): readonly DirectoryStep[] => {
  if (new Set(steps.map(({ ref }) => ref)).size < steps.length)
    throw new TypeError('Two steps have the same ref.');
  const ordered: DirectoryStep[] = [];
  let waiting = [...steps];
  while (waiting.length > 0) {
    const placed = new Set(ordered.map(({ ref }) => ref));
    const ready = waiting.filter(({ after }) => after === undefined || placed.has(after));
    if (ready.length === 0) throw new TypeError('Steps wait for each other, or for a ref that is not there.');
    ordered.push(...ready);
    waiting = waiting.filter((step) => !ready.includes(step));
  }
  return ordered;
};

const add = <T>(list: T[], item: T): (() => void) => {
  list.push(item);
  return () => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  };
};
