import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestEntry, Settings, ValidationMode } from './control/contract.js';
import { ControlApi } from './control/control-api.js';
import { ConnectionCut } from './control/connection-cut.js';
import { Interference, pause } from './control/interference.js';
import { RequestLog, ViolationLog } from './control/records.js';
import { workOff } from './directory/schedules.js';
import { Clock, isoMillis } from './foundation/clock.js';
import { isGuid } from './foundation/json.js';
import { lognormalMs, Random } from './foundation/random.js';
import { GraphFrontend } from './graph/frontend.js';
import { allRoutes } from './graph/routes/index.js';
import { GraphService } from './graph/service.js';
import { arrive, leave, type Exchange } from './graph/turns.js';
import type { HttpReply, HttpRequest } from './http/server.js';
import { Limits } from './limits/limits.js';
import { refusalOfOtherSites } from './page/other-sites.js';
import { answerPage } from './page/page.js';
import { LoginService } from './login/login-service.js';
import { Tokens } from './login/tokens.js';
import { Journal } from './state/journal.js';
import { Notifier } from './notifications/notifier.js';
import { World } from './state/world.js';
import { Validators } from './validation/validators.js';

export interface SimulatorSetup {
  readonly dataDir?: string;
  readonly seed: number;
  readonly validation: ValidationMode;
  readonly now?: () => number;
}

type Entry = Omit<RequestEntry, 'seq' | 'at' | 'method' | 'path' | 'chargedMs'>;
interface Outcome {
  readonly reply: HttpReply;
  readonly entry: Entry;
}

/** Everything behind the port: routes HTTP requests to sign-in, Graph and control, and charges their latency. */
export class Simulator {
  /** Known once the server listens. */
  origin = '';
  readonly clock: Clock;
  readonly world: World;
  readonly interference = new Interference(() => this.clock.now());
  readonly limits = new Limits();
  readonly requests = new RequestLog();
  readonly violations = new ViolationLog();
  readonly validators: Validators;
  private random: Random;
  private latency = { medianMs: 0, p99Ms: 0 };
  private readonly login: LoginService;
  private readonly graph: GraphFrontend;
  private readonly control: ControlApi;
  private readonly notifier: Notifier;

  constructor(setup: SimulatorSetup) {
    this.clock = new Clock(setup.now);
    this.random = new Random(setup.seed);
    this.world = new World(this.clock, setup.dataDir === undefined ? undefined : openJournal(setup.dataDir));
    this.validators = new Validators(setup.validation);
    this.world.load();
    const tokens = Tokens.fromPem(signingKey(setup.dataDir));
    const origin = (): string => this.origin;
    this.login = new LoginService({ world: this.world, tokens, interference: this.interference, origin });
    const { world, validators, limits, interference, violations } = this;
    const random = (): Random => this.random;
    const root = (): string => `${this.origin}/v1.0`;
    const parts = { world, validators, limits, interference, violations, random, root };
    this.graph = new GraphFrontend(new GraphService(parts, allRoutes), tokens, parts);
    this.control = new ControlApi(this);
    this.notifier = new Notifier(parts);
  }

  configure(settings: Settings): void {
    if (settings.latency !== undefined) this.latency = settings.latency;
    if (settings.seed !== undefined) this.random = new Random(settings.seed);
    if (settings.validation !== undefined) this.validators.mode = settings.validation;
  }

  async answer(request: HttpRequest): Promise<HttpReply | undefined> {
    workOff(this.world);
    this.interference.putOff.runDue(this.clock.now());
    const refusal = request.target.startsWith('/__')
      ? refusalOfOtherSites(request, new URL(this.origin).hostname)
      : undefined;
    const aside = refusal ?? answerPage(this, request);
    if (aside !== undefined) return aside;
    if (request.target.startsWith('/__control/')) {
      const reply = await this.control.answer(request);
      this.world.flush();
      // It may have moved the clock.
      this.notifier.pump();
      return reply;
    }
    const exchange = arrive();
    const chargedMs = lognormalMs(this.random, this.latency);
    const before = Math.ceil(chargedMs / 2);
    if (before > 0) await pause(before);
    const outcome = await this.outcomeOf(request, exchange);
    this.world.flush();
    this.log(request, outcome, chargedMs);
    if (chargedMs > before) await pause(chargedMs - before);
    leave(exchange);
    return outcome?.reply;
  }

  close(): void {
    this.interference.releaseAll();
    this.notifier.close();
    this.world.close();
  }

  private async outcomeOf(request: HttpRequest, exchange: Exchange): Promise<Outcome | undefined> {
    try {
      return request.target.startsWith('/v1.0/')
        ? await this.askGraph(request, exchange)
        : await this.askLogin(request);
    } catch (error) {
      if (error instanceof ConnectionCut) return undefined;
      throw error;
    }
  }

  private async askGraph(request: HttpRequest, exchange: Exchange): Promise<Outcome> {
    const target = request.target.slice('/v1.0'.length);
    const { reply, kind, remarks, parts, tenantId, appId } = await this.graph.handle({
      ...request,
      target,
      exchange,
    });
    const clientRequestId = request.headers['client-request-id'] ?? request.requestId;
    return {
      reply: {
        ...reply,
        headers: {
          'Content-Type': typeof reply.body === 'string' ? 'text/plain' : graphContentType,
          'Cache-Control': 'no-cache',
          'OData-Version': '4.0',
          'request-id': request.requestId,
          'client-request-id': clientRequestId,
          'x-ms-ags-diagnostic': diagnostic,
          Date: new Date(this.clock.now()).toUTCString(),
          ...reply.headers,
        },
      },
      entry: {
        tenantId,
        appId,
        status: reply.status,
        kind,
        cpuMs: remarks.cpuMs,
        violations: remarks.violations,
        ...(parts === undefined ? {} : { parts }),
        ...(remarks.throttled ? { throttled: true } : {}),
      },
    };
  }

  private async askLogin(request: HttpRequest): Promise<Outcome> {
    const { pathname, searchParams } = new URL(request.target, 'https://localhost');
    const [, tenant = '', ...rest] = pathname.split('/');
    const path = `/${rest.join('/')}`;
    const form = new URLSearchParams(request.text);
    const named = request.headers['client-request-id'];
    const correlationId = isGuid(named) ? named : request.requestId;
    const asked = { tenant, form, query: searchParams, path, correlationId, ...request };
    const kind = this.login.kindOf(request.method, path);
    const reply = await this.login.answer(asked, kind);
    return {
      reply: {
        ...reply,
        headers: { ...loginHeaders(request.requestId, this.clock.now()), ...reply.headers },
      },
      entry: {
        tenantId: this.world.findTenant(tenant)?.id ?? null,
        appId: form.get('client_id') ?? searchParams.get('client_id'),
        status: reply.status,
        kind,
        cpuMs: 0,
        violations: [],
      },
    };
  }

  private log(request: HttpRequest, outcome: Outcome | undefined, chargedMs: number): void {
    const cut: Entry = { tenantId: null, appId: null, status: 0, kind: 'graph', cpuMs: 0, violations: [] };
    this.requests.add({
      at: isoMillis(this.clock.now()),
      method: request.method,
      path: request.target,
      chargedMs,
      ...(outcome?.entry ?? cut),
    });
  }
}

const graphContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';
const diagnostic = JSON.stringify({
  ServerInfo: { DataCenter: 'Local', Slice: 'E', Ring: '0', ScaleUnit: '000', RoleInstance: 'SIMULATOR' },
});

const loginHeaders = (requestId: string, now: number): Record<string, string> => ({
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store, no-cache',
  'x-ms-request-id': requestId,
  Date: new Date(now).toUTCString(),
});

function openJournal(dataDir: string): Journal {
  mkdirSync(dataDir, { recursive: true });
  return new Journal(dataDir);
}

/** Kept beside the state, so that tokens outlive a restart. */
function signingKey(dataDir: string | undefined): string {
  if (dataDir === undefined) return Tokens.newKeyPem();
  const file = join(dataDir, 'signing-key.pem');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const pem = Tokens.newKeyPem();
  writeFileSync(file, pem, { mode: 0o600 });
  return pem;
}
