import { z } from 'zod';
import { isGuid } from '../foundation/json.js';
import { Router } from '../graph/router.js';
import type { HttpReply, HttpRequest } from '../http/server.js';
import type { Clock } from '../foundation/clock.js';
import type { Limits } from '../limits/limits.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import type { Interference } from './interference.js';
import type { RequestLog, ViolationLog } from './records.js';
import type {
  ConsentDecision,
  HookSpec,
  PortalAction,
  Settings,
  SignInAttempt,
  TenantPatch,
  TenantSpec,
} from './contract.js';
import { ControlError } from './control-error.js';
import { actInPortal } from './portal.js';
import {
  clockSchema,
  portalActionSchema,
  settingsSchema,
  tenantPatchSchema,
  tenantSpecSchema,
} from './schemas.js';
import { consentSchema, signInSchema } from './schemas-sign-in.js';
import { hookSpecSchema, releaseSchema } from './fault-schemas.js';
import { ruleIn } from './named-faults/rule-in.js';
import { namedFaults } from './named-faults/catalogue.js';
import { decideConsent, sessionOf, trySignIn } from './sign-in.js';
import { makeTenant, patchTenant, portalWriter } from './tenant-spec.js';
import { truthOf } from './truth.js';

/** What the control API holds in its hands. */
export interface Controlled {
  readonly world: World;
  readonly clock: Clock;
  readonly interference: Interference;
  readonly limits: Limits;
  readonly requests: RequestLog;
  readonly violations: ViolationLog;
  configure(settings: Settings): void;
}

interface Call {
  readonly params: Record<string, string>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}
type Handler = (simulator: Controlled, call: Call) => HttpReply | Promise<HttpReply>;

const longestWaitMs = 30_000;
const ok = (body: object): HttpReply => ({ status: 200, body });
const done: HttpReply = { status: 204 };

const routes: readonly [method: string, path: string, handler: Handler][] = [
  ['PUT', '/tenants/{id}', putTenant],
  ['PATCH', '/tenants/{id}', changeTenant],
  ['GET', '/tenants/{id}', (simulator, call) => tellTruth(simulator, tenantOf(simulator, call))],
  ['POST', '/tenants/{id}/settle', settle],
  ['POST', '/tenants/{id}/portal', actAsAdmin],
  ['POST', '/tenants/{id}/sign-ins', signIn],
  ['GET', '/tenants/{id}/sessions/{session}', tellSession],
  ['POST', '/tenants/{id}/consents', consent],
  ['POST', '/faults', addFault],
  ['GET', '/faults', ({ interference }) => ok(interference.listRules())],
  ['GET', '/faults/named', () => ok(namedFaults)],
  ['DELETE', '/faults', clearFaults],
  ['DELETE', '/faults/{id}', removeFault],
  ['POST', '/hooks', addHook],
  ['GET', '/hooks/{id}/wait', waitAtHook],
  ['POST', '/hooks/{id}/release', releaseHook],
  ['GET', '/history', queryHistory],
  ['GET', '/requests', ({ requests }, { query }) => ok(requests.since(Number(query.get('since') ?? 0)))],
  ['DELETE', '/requests', clearRequests],
  ['GET', '/violations', ({ violations }) => ok(violations.all())],
  ['DELETE', '/violations', clearViolations],
  ['PUT', '/settings', configure],
  ['POST', '/clock', advanceClock],
  ['GET', '/health', ({ world }) => ok({ status: 'ok', tenants: world.tenants.size })],
];

/** The simulator's own API, beside Graph on the same port: makes tenants, faults and evidence. */
export class ControlApi {
  private readonly router = new Router<Handler>();

  constructor(private readonly simulator: Controlled) {
    for (const [method, path, handler] of routes) this.router.add(method, path, handler);
  }

  async answer(request: HttpRequest): Promise<HttpReply> {
    const reply = await this.decide(request);
    return reply.body === undefined ? reply : { ...reply, headers: { 'Content-Type': 'application/json' } };
  }

  private async decide(request: HttpRequest): Promise<HttpReply> {
    try {
      const url = new URL(request.target, 'https://localhost');
      const match = this.router.find(request.method, url.pathname.slice('/__control'.length));
      if (match === undefined || 'allowed' in match)
        throw new ControlError(404, 'There is no such control call');
      const { target, params } = match;
      return await target(this.simulator, { params, query: url.searchParams, body: bodyOf(request.text) });
    } catch (error) {
      if (error instanceof ControlError) return { status: error.status, body: { error: error.message } };
      if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
      throw error;
    }
  }
}

function bodyOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ControlError(400, 'The body is no JSON');
  }
}

function tenantOf({ world }: Controlled, { params }: Call): Tenant {
  const tenant = world.findTenant(params['id'] ?? '');
  if (tenant === undefined) throw new ControlError(404, `There is no tenant '${params['id'] ?? ''}'`);
  return tenant;
}

const tellTruth = ({ clock }: Controlled, tenant: Tenant): HttpReply => ok(truthOf(tenant, clock.now()));

function putTenant(simulator: Controlled, { params, body }: Call): HttpReply {
  const id = params['id'] ?? '';
  if (!isGuid(id)) throw new ControlError(400, "A tenant's id must be a GUID");
  const spec = tenantSpecSchema.parse(body) as TenantSpec;
  simulator.limits.forget(id.toLowerCase());
  return tellTruth(simulator, makeTenant(simulator.world, id.toLowerCase(), spec));
}

function changeTenant(simulator: Controlled, call: Call): HttpReply {
  const tenant = tenantOf(simulator, call);
  patchTenant(simulator.world, tenant, tenantPatchSchema.parse(call.body) as TenantPatch);
  return tellTruth(simulator, tenant);
}

function settle(simulator: Controlled, call: Call): HttpReply {
  const tenant = tenantOf(simulator, call);
  simulator.interference.putOff.settle(tenant.id);
  tenant.settle();
  tenant.reportsSettledAt = simulator.clock.now();
  return done;
}

function actAsAdmin(simulator: Controlled, call: Call): HttpReply {
  const writer = portalWriter(simulator.world, tenantOf(simulator, call));
  actInPortal(writer, portalActionSchema.parse(call.body) as PortalAction);
  return done;
}

function signIn(simulator: Controlled, call: Call): HttpReply {
  const attempt = signInSchema.parse(call.body) as SignInAttempt;
  return ok(trySignIn(simulator.world, tenantOf(simulator, call), attempt));
}

function tellSession(simulator: Controlled, call: Call): HttpReply {
  const state = sessionOf(simulator.world, tenantOf(simulator, call), call.params['session'] ?? '');
  if (state === undefined) throw new ControlError(404, 'There is no such session');
  return ok(state);
}

function consent(simulator: Controlled, call: Call): HttpReply {
  const decision = consentSchema.parse(call.body) as ConsentDecision;
  return ok(decideConsent(simulator.world, tenantOf(simulator, call), decision));
}

function addFault({ interference }: Controlled, { body }: Call): HttpReply {
  return ok(interference.addRule(ruleIn(body)));
}

function clearFaults({ interference }: Controlled): HttpReply {
  interference.clearRules();
  return done;
}

function removeFault({ interference }: Controlled, { params }: Call): HttpReply {
  if (!interference.removeRule(params['id'] ?? ''))
    throw new ControlError(404, 'There is no such fault rule');
  return done;
}

function addHook({ interference }: Controlled, { body }: Call): HttpReply {
  return ok({ id: interference.addHook(hookSpecSchema.parse(body) as HookSpec) });
}

async function waitAtHook({ interference }: Controlled, { params }: Call): Promise<HttpReply> {
  const held = interference.waitAt(params['id'] ?? '');
  if (held === undefined) throw new ControlError(404, 'There is no such hold point');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, longestWaitMs, undefined);
  });
  const request = await Promise.race([held, tooLate]);
  clearTimeout(timer);
  if (request === undefined) throw new ControlError(408, 'No request came to the hold point in 30 s');
  return ok(request);
}

function releaseHook({ interference }: Controlled, { params, body }: Call): HttpReply {
  const { how } = releaseSchema.parse(body);
  if (!interference.release(params['id'] ?? '', how ?? 'answer')) {
    throw new ControlError(404, 'There is no such hold point');
  }
  return done;
}

function queryHistory({ world }: Controlled, { query }: Call): HttpReply {
  const [tenantId, userId, since] = ['tenantId', 'userId', 'since'].map((name) => query.get(name));
  const entries = world.history.query({
    ...(tenantId ? { tenantId: tenantId.toLowerCase() } : {}),
    ...(userId ? { userId: userId.toLowerCase() } : {}),
    since: Number(since ?? 0),
  });
  return ok(entries);
}

function clearRequests({ requests }: Controlled): HttpReply {
  requests.clear();
  return done;
}

function clearViolations({ violations }: Controlled): HttpReply {
  violations.clear();
  return done;
}

function configure(simulator: Controlled, { body }: Call): HttpReply {
  simulator.configure(settingsSchema.parse(body) as Settings);
  return done;
}

function advanceClock({ clock }: Controlled, { body }: Call): HttpReply {
  clock.advance(clockSchema.parse(body).advanceMs);
  return ok({ now: new Date(clock.now()).toISOString() });
}
