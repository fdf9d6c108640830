import { performance } from 'node:perf_hooks';
import { documentedPermissions, holdsAny, type Alternatives } from '../access/permissions.js';
import type { Interference, FaultAnswer, Plan } from '../control/interference.js';
import type { ViolationLog } from '../control/records.js';
import type { Lags } from '../control/contract.js';
import { isoMillis } from '../foundation/clock.js';
import { asObject } from '../foundation/json.js';
import type { Random } from '../foundation/random.js';
import { resourceUnits, type Limits, type Verdict } from '../limits/limits.js';
import { everyLag, type LagDomain, type View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { operationOf } from '../validation/graph-schema.js';
import type { Problem, Validators } from '../validation/validators.js';
import type { Caller, GraphContext, GraphReply, GraphRequest, Route } from './context.js';
import { concurrencyViolation, errorBody, GraphError, malformed } from './errors.js';
import { faultReply } from './fault-reply.js';
import { Router } from './router.js';
import { Turns, type Turn } from './turns.js';
import { wordsOf } from './workloads.js';

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

interface Endpoint {
  readonly route: Route;
  readonly asks: Alternatives;
  readonly options: ReadonlySet<string>;
}

/** Answers Graph requests: throttle, permission, contract, then the route's own answer. */
export class GraphService {
  private readonly router = new Router<Endpoint>();
  private readonly turns = new Turns();

  constructor(
    private readonly parts: ServiceParts,
    routes: readonly Route[],
  ) {
    for (const route of routes) this.router.add(route.method, route.path, endpointOf(route));
  }

  async answer(call: GraphCall): Promise<GraphReply> {
    const plan = this.parts.interference.plan(probeOf(call));
    if (plan === undefined) return this.carryOut(call);
    await plan.before();
    const reply = this.underPlan(call, plan);
    this.parts.world.flush();
    await plan.after();
    return reply;
  }

  private underPlan(call: GraphCall, plan: Plan): GraphReply {
    const { answer } = plan;
    if (answer === undefined) return this.carryOut(call, plan.lagMs);
    if (answer.commit === true) this.carryOut(call, plan.lagMs);
    return this.faulty(call, answer);
  }

  /** A fault rule's answer, as Graph would put it. */
  faulty(call: GraphCall, answer: FaultAnswer): GraphReply {
    const { error, headers } = faultReply(answer);
    return this.refused(call, error, headers);
  }

  private carryOut(call: GraphCall, lagMs?: number): GraphReply {
    const started = performance.now();
    const reply = this.decide(call, lagMs);
    call.remarks.cpuMs += performance.now() - started;
    return reply;
  }

  private decide(call: GraphCall, lagMs?: number): GraphReply {
    const { method, path } = call.request;
    const match = this.router.find(method, path);
    if (match === undefined || 'allowed' in match) return this.refused(call, noSuchPath(method, path, match));
    const { route } = match.target;
    const limit = this.charge(call, route);
    try {
      if (limit.error !== undefined) throw limit.error;
      const context = this.contextOf(call, match.params, lagMs);
      this.check(context, match.target, call);
      this.refuseMeeting(context, route, call);
      const reply = route.answer(context);
      this.checkOwn(call, route, reply);
      return { ...reply, headers: { ...limit.headers, ...reply.headers } };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return this.refused(call, error, limit.headers);
    }
  }

  private refused(call: GraphCall, error: GraphError, headers: Record<string, string> = {}): GraphReply {
    const { requestId, clientRequestId } = call;
    const body = errorBody(error, { now: this.parts.world.clock.now(), requestId, clientRequestId });
    return { status: error.status, body, headers: { ...headers, ...error.extra.headers } };
  }

  private charge(call: GraphCall, route: Route): { headers: Record<string, string>; error?: GraphError } {
    if (route.workload !== 'directory') return { headers: {} };
    const isWrite = route.method !== 'GET';
    const units = isWrite ? 1 : resourceUnits(route.cost ?? 1, call.request.query);
    const headers: Record<string, string> = { 'x-ms-resource-unit': String(units) };
    const { tenant, caller } = call;
    if (!tenant.config.throttling) return { headers };
    const verdict = this.parts.limits.charge({
      tenantId: tenant.id,
      appId: caller.appId,
      users: tenant.users.size,
      resourceUnits: units,
      writes: isWrite ? (route.writes?.(asObject(call.request.body)) ?? 1) : 0,
      now: this.parts.world.clock.now(),
    });
    if (verdict.percentage > 0.8) {
      headers['x-ms-throttle-limit-percentage'] = Math.min(1.8, verdict.percentage).toFixed(2);
    }
    if (verdict.refusal === undefined) return { headers };
    call.remarks.throttled = true;
    return { headers, error: throttled(verdict.refusal) };
  }

  private check(context: GraphContext, { route, asks, options }: Endpoint, call: GraphCall): void {
    if (!holdsAny(context.caller.roles, asks))
      throw wordsOf[route.workload].denied(asks);
    const stray = [...context.request.query.keys()].find(
      (name) => name.startsWith('$') && !options.has(name),
    );
    if (stray !== undefined) {
      this.violated(call, [`${stray} is no option of this request`]);
      throw malformed(`The query parameter '${stray}' is not supported.`);
    }
    this.checkBody(context, route, call);
  }

  private checkBody(context: GraphContext, route: Route, call: GraphCall): void {
    if (route.alarm !== undefined) this.violated(call, [route.alarm]);
    if (route.method === 'GET' || route.method === 'DELETE' || !this.parts.validators.isDue()) return;
    const extra = new Set(route.alsoTakes);
    const problems = this.parts.validators
      .requestProblems(route, context.body)
      .filter(({ unknownProperty }) => unknownProperty === undefined || !extra.has(unknownProperty));
    if (problems.length === 0) return;
    this.violated(call, problems.map(inWords));
    throw refusalOf(problems, route);
  }

  private refuseMeeting({ tenant, params }: GraphContext, route: Route, call: GraphCall): void {
    const userId = params['user-id'];
    if (!tenant.config.switches.concurrentWriteConflicts || userId === undefined) return;
    if (route.method === 'GET' || route.workload !== 'directory') return;
    if (this.turns.meets(tenant, userId.toLowerCase(), call.turn)) throw concurrencyViolation();
  }

  private violated(call: GraphCall, problems: string[]): void {
    call.remarks.violations.push(...problems);
    this.record(call, 'requests', problems);
  }

  private checkOwn(call: GraphCall, route: Route, reply: GraphReply): void {
    if (typeof reply.body !== 'object' || !this.parts.validators.isDue()) return;
    const problems = this.parts.validators.responseProblems(route, reply.body);
    if (problems.length > 0) this.record(call, 'own', problems.map(inWords));
  }

  private record(call: GraphCall, kind: 'requests' | 'own', problems: string[]): void {
    const { method, path } = call.request;
    const at = isoMillis(this.parts.world.clock.now());
    this.parts.violations.add(kind, { at, method, path, requestId: call.requestId, problems });
  }

  private contextOf(call: GraphCall, params: Record<string, string>, lagMs?: number): GraphContext {
    const { world } = this.parts;
    const { tenant, caller, request, requestId } = call;
    const now = world.clock.now();
    const lags = lagMs === undefined ? undefined : exactly(lagMs);
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
      writer: new Writer(world, tenant, {
        by: { appId: caller.appId },
        requestId,
        ...(lags === undefined ? {} : { lags }),
      }),
    };
  }

  private viewOf(tenant: Tenant, domain: LagDomain, now: number): View {
    const replicas = tenant.config.lags[domain].replicas ?? 1;
    return { domain, replica: replicas > 1 ? this.parts.random().below(replicas) : 0, now };
  }
}

const exactly = (ms: number): Lags => everyLag({ minMs: ms, maxMs: ms, replicas: 1 });

function endpointOf(route: Route): Endpoint {
  const asks = route.asks ?? documentedPermissions(route.method, route.path);
  if (asks === undefined) throw new Error(`No permissions are known for ${route.method} ${route.path}`);
  const documented = operationOf(route.method, route.path)?.options ?? new Set<string>();
  const options = new Set([...documented, ...(documented.has('$top') ? ['$skiptoken'] : [])]);
  if (route.expands !== true) options.delete('$expand');
  return { route, asks, options };
}

const probeOf = (call: GraphCall) => ({
  requestId: call.requestId,
  tenantId: call.tenant.id,
  method: call.request.method,
  path: call.request.path,
  partId: call.partId,
  isPart: call.partId !== null,
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
  return malformed(`Resource not found for the segment '${path.split('/').at(-1) ?? ''}'.`);
}

const throttled = ({ scope, information, retryAfterSeconds }: NonNullable<Verdict['refusal']>): GraphError =>
  new GraphError({ status: 429, code: 'TooManyRequests' }, 'Please retry again later.', {
    headers: {
      'Retry-After': String(retryAfterSeconds),
      'x-ms-throttle-scope': scope,
      'x-ms-throttle-information': information,
    },
  });

const inWords = ({ path, message, unknownProperty }: Problem): string =>
  `${path === '' ? '/' : path}: ${message}${unknownProperty === undefined ? '' : ` (${unknownProperty})`}`;

function refusalOf(problems: readonly Problem[], route: Route): GraphError {
  const unknown = problems.find((problem) => problem.unknownProperty !== undefined)?.unknownProperty;
  const property = problems[0]?.path.split('/')[1] ?? '';
  const message =
    unknown === undefined
      ? `Invalid value specified for property '${property}'.`
      : `Invalid property '${unknown}'.`;
  return wordsOf[route.workload].badRequest(message);
}
