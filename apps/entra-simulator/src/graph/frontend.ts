import { randomUUID } from 'node:crypto';
import { ConnectionCut } from '../control/connection-cut.js';
import type { PartEntry } from '../control/contract.js';
import type { Plan } from '../control/interference.js';
import { asObject, type Json } from '../foundation/json.js';
import type { Tokens } from '../login/tokens.js';
import type { Tenant } from '../state/tenant.js';
import { demandBodies, depthOf, readBatch, refusalOfPart, runOrder, type BatchPart } from './batch.js';
import { bodyOf } from './json-body.js';
import type { Caller, GraphReply } from './context.js';
import { errorBody, GraphError } from './errors.js';
import { parseTarget } from './query.js';
import type { Exchange } from './turns.js';
import type { GraphCall, GraphService, Remarks, ServiceParts } from './service.js';

/** An HTTP request under /v1.0 as the server hands it over. */
export interface IncomingGraph {
  readonly method: string;
  /** Path and query, without /v1.0. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly requestId: string;
  readonly exchange: Exchange;
}

export interface GraphOutcome {
  readonly reply: GraphReply;
  readonly kind: 'graph' | 'batch';
  readonly tenantId: string | null;
  readonly appId: string | null;
  readonly remarks: Remarks;
  readonly parts?: PartEntry[];
}

type Identity = Pick<GraphCall, 'tenant' | 'caller' | 'requestId' | 'clientRequestId' | 'remarks' | 'turn'>;

/** From HTTP to Graph calls: who calls, what the body says, and batches taken apart. */
export class GraphFrontend {
  constructor(
    private readonly service: GraphService,
    private readonly tokens: Tokens,
    private readonly parts: Pick<ServiceParts, 'world' | 'random' | 'interference'>,
  ) {}

  async handle(incoming: IncomingGraph): Promise<GraphOutcome> {
    const remarks: Remarks = { cpuMs: 0, throttled: false, violations: [] };
    const isBatch = /^\/\$batch\/?$/.test(incoming.target);
    const kind = isBatch ? 'batch' : 'graph';
    const clientRequestId = incoming.headers['client-request-id'] ?? incoming.requestId;
    const ids = { requestId: incoming.requestId, clientRequestId };
    let who: { tenantId: string | null; appId: string | null } = { tenantId: null, appId: null };
    try {
      const { caller, tenant } = await this.identify(incoming.headers['authorization']);
      who = { tenantId: tenant.id, appId: caller.appId };
      const identity = { tenant, caller, remarks, turn: { exchange: incoming.exchange, depth: 0 }, ...ids };
      const answered = isBatch ? await this.batch(identity, incoming) : await this.single(identity, incoming);
      return { kind, remarks, ...who, ...answered };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      return { kind, remarks, ...who, reply: this.refusal(error, ids) };
    }
  }

  private async identify(authorization: string | undefined): Promise<{ caller: Caller; tenant: Tenant }> {
    const caller = await this.tokens.check(authorization, this.parts.world.clock.now());
    const tenant = this.parts.world.tenants.get(caller.tenantId);
    const app = tenant?.appOfPrincipal(caller.servicePrincipalId);
    if (tenant === undefined || app?.consented !== true) {
      const message = 'The identity of the calling application could not be established.';
      throw new GraphError({ status: 401, code: 'Authorization_IdentityNotFound' }, message);
    }
    return { caller, tenant };
  }

  private async single(identity: Identity, incoming: IncomingGraph): Promise<{ reply: GraphReply }> {
    const body = bodyOf(incoming);
    const request = {
      method: incoming.method,
      ...parseTarget(incoming.target),
      headers: incoming.headers,
      body,
    };
    return { reply: await this.service.answer({ ...identity, request, partId: null }) };
  }

  private async batch(
    identity: Identity,
    incoming: IncomingGraph,
  ): Promise<{ reply: GraphReply; parts?: PartEntry[] }> {
    const plan = this.parts.interference.plan(probeOfBatch(identity, incoming));
    if (plan === undefined) return this.runBatch(identity, incoming);
    await plan.before();
    const outcome = plan.isCarriedOut ? await this.runUnder(plan, identity, incoming) : undefined;
    this.parts.world.flush();
    await plan.after();
    const call = { ...identity, partId: null, request: batchRequest };
    return { ...outcome, reply: this.service.replyUnder(call, plan, outcome?.reply) };
  }

  private async runUnder(plan: Plan, identity: Identity, incoming: IncomingGraph) {
    if (plan.isTwice) await this.runBatch(identity, incoming);
    const outcome = await this.runBatch(identity, incoming, plan.isCutMidBatch ? 0.5 : 1);
    if (plan.isCutMidBatch) throw new ConnectionCut('mid-batch');
    return outcome;
  }

  /** Runs the parts, or only so large a share of them. */
  private async runBatch(identity: Identity, incoming: IncomingGraph, share = 1) {
    const parts = readBatch(asObject(bodyOf(incoming)));
    if (identity.tenant.config.switches.bodylessBatchWrites === 'refused') demandBodies(parts);
    const replies = new Map<string, GraphReply>();
    const order = runOrder(this.parts.random().shuffled(parts));
    for (const part of order.slice(0, Math.ceil(order.length * share))) {
      const failed = part.dependsOn.some((id) => (replies.get(id)?.status ?? 500) >= 400);
      replies.set(
        part.id,
        failed
          ? failedDependency(identity, this.now())
          : await this.runPart(
              { ...identity, turn: { ...identity.turn, depth: depthOf(part, parts) } },
              part,
            ),
      );
    }
    const answered = this.parts.random().shuffled(parts);
    const responses = answered.map((part) => responseOf(part.id, replies.get(part.id)));
    const log = parts.map(({ id, method, url }) => ({
      id,
      method,
      url,
      status: replies.get(id)?.status ?? 0,
    }));
    return { reply: { status: 200, body: { responses } }, parts: log };
  }

  private async runPart(identity: Identity, part: BatchPart): Promise<GraphReply> {
    const refusal = refusalOfPart(part);
    const clientRequestId = part.headers['client-request-id'] ?? identity.clientRequestId;
    const ids = { requestId: randomUUID(), clientRequestId };
    if (refusal !== undefined) return this.refusal(refusal, ids);
    const request = { method: part.method, ...parseTarget(part.url), headers: part.headers, body: part.body };
    return this.service.answer({ ...identity, ...ids, request, partId: part.id });
  }

  private refusal(error: GraphError, ids: { requestId: string; clientRequestId: string }): GraphReply {
    const body = errorBody(error, { now: this.now(), ...ids });
    return { status: error.status, body, ...(error.extra.headers && { headers: error.extra.headers }) };
  }

  private now(): number {
    return this.parts.world.clock.now();
  }
}

const batchRequest = {
  method: 'POST',
  path: '/$batch',
  query: new Map<string, string>(),
  headers: {},
  body: undefined,
};

const probeOfBatch = ({ requestId, tenant }: Identity, { text }: IncomingGraph) => ({
  requestId,
  tenantId: tenant.id,
  method: 'POST',
  path: '/$batch',
  partId: null,
  isPart: false,
  body: text,
});

function failedDependency(identity: Identity, now: number): GraphReply {
  const error = new GraphError(
    { status: 424, code: 'FailedDependency' },
    'A request that this one depends on has failed.',
  );
  return { status: 424, body: errorBody(error, { now, ...identity }) };
}

function responseOf(id: string, reply: GraphReply | undefined): Json {
  const { status, body, headers } = reply ?? { status: 500 };
  return {
    id,
    status,
    headers: {
      'Cache-Control': 'no-cache',
      'OData-Version': '4.0',
      ...(body === undefined
        ? {}
        : { 'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json' }),
      ...headers,
    },
    body: body ?? null,
  };
}
