import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type SimulatorOptions } from '../../apps/entra-simulator/src/index.js';
import type {
  ConsentAnswer,
  ConsentDecision,
  FaultRule,
  FaultState,
  HeldRequest,
  HistoryEntry,
  HistoryQuery,
  HookSpec,
  NamedFault,
  NamedFaultRule,
  PortalAction,
  RequestEntry,
  SessionState,
  Settings,
  SignInAttempt,
  SignInResult,
  TenantPatch,
  TenantSpec,
  TenantTruth,
  Violations,
} from '../../apps/entra-simulator/src/control/contract.js';

export type * from '../../apps/entra-simulator/src/control/contract.js';

export interface SimulatorAddress {
  url: string;
  caPem: string;
}

/** Drives a running simulator through its control API. */
export class SimulatorClient {
  readonly url: string;
  readonly caPem: string;
  private readonly agent: Agent;

  constructor(address: SimulatorAddress) {
    this.url = address.url;
    this.caPem = address.caPem;
    this.agent = new Agent({ ca: address.caPem, keepAlive: true });
  }

  /** Makes the tenant, or replaces it whole. */
  makeTenant(tenantId: string, spec: TenantSpec = {}): Promise<TenantTruth> {
    return this.send('PUT', `/tenants/${tenantId}`, spec);
  }

  patchTenant(tenantId: string, patch: TenantPatch): Promise<TenantTruth> {
    return this.send('PATCH', `/tenants/${tenantId}`, patch);
  }

  /** The write store: what is really so, whatever the replicas still say. */
  truth(tenantId: string): Promise<TenantTruth> {
    return this.send('GET', `/tenants/${tenantId}`);
  }

  /** Every write made so far reaches every replica now. */
  async settle(tenantId: string): Promise<void> {
    await this.send('POST', `/tenants/${tenantId}/settle`);
  }

  async portal(tenantId: string, action: PortalAction): Promise<void> {
    await this.send('POST', `/tenants/${tenantId}/portal`, action);
  }

  signIn(tenantId: string, attempt: SignInAttempt): Promise<SignInResult> {
    return this.send('POST', `/tenants/${tenantId}/sign-ins`, attempt);
  }

  /** Whether a session that a sign-in began can still get tokens. */
  session(tenantId: string, session: string): Promise<SessionState> {
    return this.send('GET', `/tenants/${tenantId}/sessions/${session}`);
  }

  /** An admin's click on the consent page, without the page. */
  consent(tenantId: string, decision: ConsentDecision): Promise<ConsentAnswer> {
    return this.send('POST', `/tenants/${tenantId}/consents`, decision);
  }

  addFault(rule: FaultRule | NamedFaultRule): Promise<FaultState> {
    return this.send('POST', '/faults', rule);
  }

  /** Sets a fault of the catalogue; what is said goes before what is usual for it. */
  addNamedFault(named: string, rule: Omit<NamedFaultRule, 'named'> = {}): Promise<FaultState> {
    return this.send('POST', '/faults', { named, ...rule });
  }

  /** The catalogue. */
  namedFaults(): Promise<NamedFault[]> {
    return this.send('GET', '/faults/named');
  }

  faults(): Promise<FaultState[]> {
    return this.send('GET', '/faults');
  }

  async clearFaults(id?: string): Promise<void> {
    await this.send('DELETE', id === undefined ? '/faults' : `/faults/${id}`);
  }

  /** Sets a hold point; answers its id. */
  async hold(spec: Omit<HookSpec, 'hold'>): Promise<string> {
    return (await this.send<{ id: string }>('POST', '/hooks', { ...spec, hold: true })).id;
  }

  /** Answers when a request is held there, and refuses after 30 s without one. */
  waitHeld(hookId: string): Promise<HeldRequest> {
    return this.send('GET', `/hooks/${hookId}/wait`);
  }

  /** Lets go of what is held and removes the hold point; `cut` drops the connections instead of answering. */
  async release(hookId: string, how: 'answer' | 'cut' = 'answer'): Promise<void> {
    await this.send('POST', `/hooks/${hookId}/release`, { how });
  }

  history(query: HistoryQuery = {}): Promise<HistoryEntry[]> {
    return this.send('GET', `/history${queryString({ ...query })}`);
  }

  requests(query: { since?: number } = {}): Promise<RequestEntry[]> {
    return this.send('GET', `/requests${queryString({ ...query })}`);
  }

  async clearRequests(): Promise<void> {
    await this.send('DELETE', '/requests');
  }

  violations(): Promise<Violations> {
    return this.send('GET', '/violations');
  }

  async clearViolations(): Promise<void> {
    await this.send('DELETE', '/violations');
  }

  async settings(settings: Settings): Promise<void> {
    await this.send('PUT', '/settings', settings);
  }

  /** Moves the simulator's clock forward. */
  async advance(ms: number): Promise<void> {
    await this.send('POST', '/clock', { advanceMs: ms });
  }

  /** A token as an app with a secret gets it. */
  async token(tenantId: string, app: { clientId: string; secret: string }): Promise<string> {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.secret,
      scope: 'https://graph.microsoft.com/.default',
    });
    const answer = await this.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    if (answer.status !== 200) throw new Error(`No token: ${JSON.stringify(answer.body)}`);
    return (answer.body as { access_token: string }).access_token;
  }

  /** Any call, as it is on the wire: an object body goes as JSON. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return exchange({ agent: this.agent, url: new URL(path, this.url), method, ...options });
  }

  close(): void {
    this.agent.destroy();
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, `/__control${path}`, body === undefined ? {} : { body });
    if (answer.status >= 300) {
      throw new Error(`Simulator control ${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body as T;
  }
}

export interface CallOptions {
  headers?: Record<string, string>;
  body?: unknown;
  token?: string;
}
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** A simulator in this process, with its client; `caFile` is for NODE_EXTRA_CA_CERTS of child processes. */
export class TestSimulator extends SimulatorClient {
  constructor(
    address: SimulatorAddress,
    readonly caFile: string,
    private readonly stop: () => Promise<void>,
  ) {
    super(address);
  }

  async stopSimulator(): Promise<void> {
    this.close();
    await this.stop();
  }
}

export async function startTestSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const simulator = await startSimulator(options);
  return new TestSimulator(simulator, simulator.caFile ?? temporaryCaFile(simulator.caPem), () =>
    simulator.close(),
  );
}

/** A client for a simulator that runs elsewhere. */
export function connectSimulator(address: SimulatorAddress): SimulatorClient {
  return new SimulatorClient(address);
}

function temporaryCaFile(pem: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'entra-simulator-')), 'ca.pem');
  writeFileSync(file, pem);
  return file;
}

function queryString(query: Record<string, string | number>): string {
  const pairs = Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

interface Exchange extends CallOptions {
  agent: Agent;
  url: URL;
  method: string;
}

function exchange({ agent, url, method, body, token, headers }: Exchange): Promise<Answer> {
  const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const sent = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { agent, method, headers: sent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(flat) as Record<string, string>,
          body: parse(Buffer.concat(chunks).toString('utf8')),
        });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
