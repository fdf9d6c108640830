import { performance } from 'node:perf_hooks';
import { documentedPermissions } from '../access/permissions.js';
import type { Interference, Plan } from '../control/interference.js';
import type { ViolationLog } from '../control/records.js';
import { pimSettingsOf } from '../directory/role-policy.js';
import { workOff } from '../directory/schedules.js';
import { asObject } from '../foundation/json.js';
import type { Random } from '../foundation/random.js';
import { resourceUnits, type Limits, type Verdict } from '../limits/limits.js';
import { Paces } from '../limits/pace.js';
import type { LagDomain, View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { operationOf } from '../validation/graph-schema.js';
import type { Validators } from '../validation/validators.js';
import type { Caller, GraphContext, GraphReply, GraphRequest, Route } from './context.js';
import { concurrencyViolation, errorBody, GraphError, malformed } from './errors.js';
import { refuseRestricted } from './restricted-units.js';
import { faultRefusal, garbled, isGarbled } from './fault-reply.js';
import { RequestCheck, type Endpoint } from './request-check.js';
import { Router } from './router.js';
import { Turns, type Turn } from './turns.js';
import { callerUnder, Flapping, lagsUnder, RehearsalWriter, type Circumstances } from './under-plan.js';
import type { Workload } from './workloads.js';

/** One request to Graph: a whole HTTP request, or one part of a batch. */
export interface GraphCall {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly request: GraphRequest;
  readonly requestId: string;
  readonly clientRequestId: string;
  /** The id of the batch part. */
  readonly partId: string | null;
  readonly turn: Turn;
  /** What the request log shows of this call. */
  readonly remarks: Remarks;
}

export interface Remarks {
  cpuMs: number;
  throttled: boolean;
  readonly violations: string[];
}

export interface ServiceParts {
  readonly world: World;
  readonly validators: Validators;
  readonly limits: Limits;
  readonly interference: Interference;
  readonly violations: ViolationLog;
  readonly random: () => Random;
  readonly root: () => string;
}

interface Charged {
  readonly headers: Record<string, string>;
  readonly error?: GraphError;
}

/** Answers Graph requests: throttle, permission, contract, then the route's own answer. */
export class GraphService {
  private readonly router = new Router<Endpoint>();
  private readonly turns = new Turns();
  private readonly paces = new Paces();
  private readonly flapping = new Flapping();
  private readonly contract: RequestCheck;

  constructor(
    private readonly parts: ServiceParts,
    routes: readonly Route[],
  ) {
    this.contract = new RequestCheck(parts.validators, parts.violations, parts.world.clock);
    for (const route of routes) this.router.add(route.method, route.path, endpointOf(route));
  }

  async answer(call: GraphCall): Promise<GraphReply> {
    const plan = this.parts.interference.plan(probeOf(call));
    if (plan === undefined) return this.settled(call, this.carryOut(call));
    await plan.before();
    const own = plan.isCarriedOut ? await this.settled(call, this.carryOutUnder(call, plan)) : undefined;
    this.parts.world.flush();
    await plan.after();
    return this.replyUnder(call, plan, own);
  }

  /** A fault's answer, or else the request's own. */
  replyUnder(call: GraphCall, { answer }: Pick<Plan, 'answer'>, own = nothing): GraphReply {
    if (answer === undefined) return own;
    return isGarbled(answer) ? garbled(answer, own) : this.faulty(call, answer);
  }

  private carryOutUnder(call: GraphCall, plan: Plan): GraphReply {
    if (plan.isTwice) this.carryOut(call, plan);
    return plan.deferMs > 0 ? this.putOff(call, plan) : this.carryOut(call, plan);
  }

  /** Only what is answered with nothing but a yes can be answered before it is done. */
  private putOff(call: GraphCall, plan: Plan): GraphReply {
    const rehearsed = this.carryOut(call, { ...plan, isRehearsal: true });
    if (rehearsed.status >= 400) return rehearsed;
    const { interference, world } = this.parts;
    const run = (): void => void this.carryOut(call, plan);
    const errand = { tenantId: call.tenant.id, dueAt: world.clock.now() + plan.deferMs, run };
    const isPutOff = rehearsed.status === 204 && interference.putOff.add(errand);
    return isPutOff ? rehearsed : this.carryOut(call, plan);
  }

  private faulty(call: GraphCall, answer: Parameters<typeof faultRefusal>[0]): GraphReply {
    const { error, headers } = faultRefusal(answer, call.request, this.parts.world.clock.now());
    return this.refused(call, error, headers);
  }

  private carryOut(call: GraphCall, under?: Circumstances): GraphReply {
    workOff(this.parts.world);
    const started = performance.now();
    const reply = this.decide(call, under);
    call.remarks.cpuMs += performance.now() - started;
    return reply;
  }

  private decide(call: GraphCall, under?: Circumstances): GraphReply {
    const { method, path } = call.request;
    const match = this.router.find(method, path);
    if (match === undefined || 'allowed' in match) return this.refused(call, noSuchPath(method, path, match));
    const { route } = match.target;
    const limit = this.charge(call, route);
    try {
      if (limit.error !== undefined) throw limit.error;
      const context = this.contextOf(call, match.params, under);
      this.contract.check(context, match.target, call);
      refuseRestricted(context, route);
      this.refuseMeeting(context, route, call);
      return this.finished(call, route, { headers: limit.headers, reply: route.answer(context) });
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return this.refused(call, error, limit.headers);
    }
  }

  private finished(
    call: GraphCall,
    route: Route,
    { reply, headers }: { reply: GraphReply; headers: Record<string, string> },
  ): GraphReply {
    const { later } = reply;
    if (later !== undefined) {
      return { ...reply, later: async () => this.finished(call, route, { headers, reply: await later() }) };
    }
    this.contract.checkOwn(call, route, reply);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  }

  /** The answer of a request that has to ask somebody else first. */
  private async settled(call: GraphCall, reply: GraphReply): Promise<GraphReply> {
    try {
      return reply.later === undefined ? reply : await reply.later();
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return this.refused(call, error);
    }
  }

  private refused(call: GraphCall, error: GraphError, headers: Record<string, string> = {}): GraphReply {
    const { requestId, clientRequestId } = call;
    const body = errorBody(error, { now: this.parts.world.clock.now(), requestId, clientRequestId });
    return { status: error.status, body, headers: { ...headers, ...error.extra.headers } };
  }

  private charge(call: GraphCall, route: Route): Charged {
    if (route.workload !== 'directory') return this.chargeRequest(call, route.workload);
    const isWrite = route.method !== 'GET' && route.isReading !== true;
    const units = isWrite ? 1 : resourceUnits(route.cost ?? 1, call.request.query);
    const headers: Record<string, string> = { 'x-ms-resource-unit': String(units) };
    const { tenant, caller } = call;
    if (!tenant.config.throttling) return { headers };
    const verdict = this.parts.limits.charge({
      tenantId: tenant.id,
      appId: caller.appId,
      users: tenant.users.size,
      resourceUnits: units,
      writes: isWrite ? writesOf(route, call) : 0,
      now: this.parts.world.clock.now(),
    });
    if (verdict.percentage > 0.8) {
      headers['x-ms-throttle-limit-percentage'] = Math.min(1.8, verdict.percentage).toFixed(2);
    }
    if (verdict.refusal === undefined) return { headers };
    call.remarks.throttled = true;
    return { headers, error: throttled(verdict.refusal) };
  }

  /** The other services count requests, each by a limit of its own. */
  private chargeRequest({ tenant, caller, remarks }: GraphCall, workload: Workload): Charged {
    const pace = plainPaces[workload];
    if (pace !== undefined && tenant.config.throttling) {
      const key = pace.isPerApp ? `${workload} ${caller.appId}` : workload;
      const isTooFast = this.paces.exceeds(tenant, { key, pace, now: this.parts.world.clock.now() });
      remarks.throttled = isTooFast;
      return isTooFast ? { headers: {}, error: tooManyWithoutWait() } : { headers: {} };
    }
    const perMinute = workload === 'pim' ? pimSettingsOf(tenant).requestsPerMinute : undefined;
    if (perMinute === undefined || !tenant.config.throttling) return { headers: {} };
    const key = `${workload} ${caller.appId}/${tenant.id}`;
    const now = this.parts.world.clock.now();
    const seconds = this.parts.limits.chargeRequest({ key, perMinute, now });
    if (seconds === undefined) return { headers: {} };
    remarks.throttled = true;
    return { headers: {}, error: tooManyRequests(seconds) };
  }

  private refuseMeeting({ tenant, params }: GraphContext, route: Route, call: GraphCall): void {
    const userId = params['user-id'];
    if (!tenant.config.switches.concurrentWriteConflicts || userId === undefined) return;
    if (route.method === 'GET' || route.workload !== 'directory') return;
    if (this.turns.meets(tenant, userId.toLowerCase(), call.turn)) throw concurrencyViolation();
  }

  private contextOf(call: GraphCall, params: Record<string, string>, under?: Circumstances): GraphContext {
    const { world } = this.parts;
    const { tenant, request, requestId } = call;
    const caller = under === undefined ? call.caller : callerUnder(call.caller, under);
    const now = world.clock.now();
    return {
      world,
      tenant,
      caller,
      request,
      params,
      body: asObject(request.body),
      now,
      requestId,
      root: this.parts.root(),
      view: this.viewOf(tenant, 'directory', now),
      indexView: this.viewOf(tenant, 'index', now),
      methodsView: this.viewOf(tenant, 'methods', now),
      pimView: this.viewOf(tenant, 'pim', now),
      authorisation: { domain: 'authorisation', replica: 0, now },
      writer: this.writerFor(call, under),
    };
  }

  private writerFor(call: GraphCall, under?: Circumstances): Writer {
    const { world } = this.parts;
    const { tenant, caller, requestId, clientRequestId: correlationId } = call;
    if (under !== undefined) this.flapping.remember(tenant, under.lags, world.clock.now());
    const lags = under === undefined ? undefined : lagsUnder(tenant.config.lags, under);
    const author = { by: { appId: caller.appId }, requestId, correlationId };
    const Pen = under?.isRehearsal === true ? RehearsalWriter : Writer;
    return new Pen(world, tenant, { ...author, ...(lags === undefined ? {} : { lags }) });
  }

  private viewOf(tenant: Tenant, domain: LagDomain, now: number): View {
    const own = tenant.config.lags[domain].replicas ?? 1;
    const replicas = Math.max(own, this.flapping.replicasOf(tenant, now));
    return { domain, replica: replicas > 1 ? this.parts.random().below(replicas) : 0, now };
  }
}

const writesOf = ({ writes }: Route, { request }: GraphCall): number =>
  writes === undefined ? 1 : writes(asObject(request.body));

/** What was not carried out has no answer of its own. */
const nothing: GraphReply = { status: 200 };

function endpointOf(route: Route): Endpoint {
  const asks = route.asks ?? documentedPermissions(route.method, route.path);
  if (asks === undefined) throw new Error(`No permissions are known for ${route.method} ${route.path}`);
  const counting = route.path.endsWith('/$count') ? ['$filter', '$search'] : [];
  const documented = operationOf(route.method, route.path)?.options ?? new Set(counting);
  const options = new Set([...documented, ...(documented.has('$top') ? ['$skiptoken'] : [])]);
  if (route.expands !== true) options.delete('$expand');
  // Microsoft's OpenAPI has $skip all over the directory, which does not support it.
  if (route.workload === 'directory') options.delete('$skip');
  if (route.path.endsWith('/delta')) options.add('$deltatoken').add('$expand');
  return { route, asks, options };
}

const probeOf = (call: GraphCall) => ({
  requestId: call.requestId,
  tenantId: call.tenant.id,
  method: call.request.method,
  path: call.request.path,
  partId: call.partId,
  isPart: call.partId !== null,
  body: call.request.body,
});

function noSuchPath(method: string, path: string, match: { allowed: string[] } | undefined): GraphError {
  if (match !== undefined) {
    return new GraphError(
      { status: 405, code: 'Request_BadRequest' },
      'Specified HTTP method is not allowed for the request target.',
    );
  }
  if (operationOf(method, path) !== undefined) {
    return new GraphError({ status: 501, code: 'notSimulated' }, `${method} ${path} is not simulated.`);
  }
  const [, first = ''] = path.split('/');
  const segment = first === 'v1.0' ? first : (path.split('/').at(-1) ?? '');
  return malformed(`Resource not found for the segment '${segment}'.`);
}

const throttled = ({ scope, information, retryAfterSeconds }: NonNullable<Verdict['refusal']>): GraphError =>
  new GraphError({ status: 429, code: 'TooManyRequests' }, 'Please retry again later.', {
    headers: {
      'Retry-After': String(retryAfterSeconds),
      'x-ms-throttle-scope': scope,
      'x-ms-throttle-information': information,
    },
  });

/** [D] They answer 429 without a Retry-After. */
const plainPaces: Partial<Record<Workload, { most: number; windowMs: number; isPerApp: boolean }>> = {
  reports: { most: 5, windowMs: 10_000, isPerApp: true },
  conditionalAccess: { most: 1, windowMs: 1_000, isPerApp: false },
};

const tooManyWithoutWait = (): GraphError =>
  new GraphError({ status: 429, code: 'TooManyRequests' }, 'Too many requests');

const tooManyRequests = (seconds: number): GraphError =>
  new GraphError({ status: 429, code: 'TooManyRequests' }, 'Too many requests', {
    headers: { 'Retry-After': String(seconds) },
  });
