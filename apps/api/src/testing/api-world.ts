import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import type { Ports } from '#composition';
import { routes, type Route } from '#contracts';
import { ConvergeCustomer } from '#core/convergence';
import { idOf } from '#core/shared';
import {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeClock,
  FakeDirectory,
  FakeTenantSurveyor,
  FakeJobQueue,
  FakeTenantCatalogue,
  type FakeTenant,
} from '#core/testing';
import { adminConsentUrl, MICROSOFT_CLOUDS } from '#directory';
import { openDatabase, type Database } from '#persistence';
import { createLogger, SystemIds } from '#platform';
import { createKeyFile, LocalCertificates, LocalSecretBox } from '#secrets';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { createApi } from '../create-api.js';
import { newMsp, type Msp } from './msp.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

export const READER_ROLE = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
export const DOMAIN = 'contoso.onmicrosoft.com';
export const TENANT = '0c0470c0-0000-4000-8000-00000000c070';
/** By which browsers would reach it. */
export const PUBLIC_URL = 'https://curfew.example';
/** As the product has it by default. */
const BODY_LIMIT = 100 * 1_024;

/** What was answered, with a body that a test may look into. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The real API on a real PostgreSQL, with a tenant in memory and a clock that stands still. */
export class ApiWorld {
  readonly clock = new FakeClock(Date.UTC(2026, 4, 5, 9));
  readonly queue = new FakeJobQueue();
  readonly directory = new FakeDirectory(() => this.clock.now());
  readonly catalogue = new FakeTenantCatalogue();
  readonly surveyor = new FakeTenantSurveyor();
  tenant: FakeTenant;
  readonly ports: Ports;
  readonly #log: string[] = [];
  readonly #keys = mkdtempSync(join(tmpdir(), 'curfew-api-'));
  #app: NestExpressApplication | null = null;

  private constructor(
    readonly place: TestDatabase,
    readonly database: Database,
    instead: Partial<Ports>,
  ) {
    this.tenant = this.#newTenant();
    this.ports = {
      unitOfWork: database.unitOfWork,
      doorway: database.doorway,
      alarms: database.alarms,
      directory: this.directory,
      changes: this.directory,
      catalogue: this.catalogue,
      surveyor: this.surveyor,
      queue: this.queue,
      clock: this.clock,
      ids: new SystemIds(this.clock),
      box: new LocalSecretBox(createKeyFile(join(this.#keys, 'keys.json'))),
      certificates: new LocalCertificates(2_048),
      federatedOrganization: 'acme',
      ...instead,
    };
  }

  /** With what is named instead of the fakes. */
  static async open(instead: Partial<Ports> = {}): Promise<ApiWorld> {
    const place = await testDatabase();
    const { app: appUrl, clockwork: clockworkUrl } = place.urls;
    const world = new ApiWorld(place, openDatabase({ appUrl, clockworkUrl }), instead);
    await world.start();
    return world;
  }

  /** Empties database and tenant. */
  async clear(): Promise<void> {
    await this.place.clear();
    this.tenant = this.#newTenant();
  }

  /** Another MSP of this deployment, with a person of each role. */
  msp(slug: string): Promise<Msp> {
    return newMsp(this.ports, slug);
  }

  /** Everything that was logged so far. */
  log(): string {
    return this.#log.join('');
  }

  /** What a person sends; `token` null: nobody in particular. */
  async send(
    route: Route,
    sent: {
      readonly token: string | null;
      readonly id?: string;
      readonly body?: object;
      readonly query?: Readonly<Record<string, string>>;
      readonly key?: string;
    },
  ): Promise<Answer> {
    const path = route.path.replace('{id}', sent.id ?? '');
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
    const agent = request(this.server);
    let pending = agent[method](path);
    if (sent.query !== undefined) pending = pending.query(sent.query);
    if (sent.token !== null) pending = pending.set('Authorization', `Bearer ${sent.token}`);
    if (sent.key !== undefined) pending = pending.set('Idempotency-Key', sent.key);
    return await (sent.body === undefined ? pending : pending.send(sent.body));
  }

  get server(): Parameters<typeof request>[0] {
    if (this.#app === null) throw new Error('The API was not started.');
    return this.#app.getHttpServer();
  }

  /** A customer of the MSP, connected to the tenant, with an access policy. */
  async connected(msp: Msp, policy: object = {}): Promise<{ customerId: string; policyId: string }> {
    const customer = await this.made(routes.createCustomer, { token: msp.owner, body: { name: 'Contoso' } });
    await this.made(routes.connectCustomer, { token: msp.owner, id: customer, body: connectionBody });
    const body = { ...policyBody, customerId: customer, ...policy };
    return {
      customerId: customer,
      policyId: await this.made(routes.createAccessPolicy, { token: msp.owner, body }),
    };
  }

  /** Sends what must succeed, and answers the id of what was made. */
  async made(route: Route, sent: Parameters<ApiWorld['send']>[1]): Promise<string> {
    const answer = await this.send(route, sent);
    if (answer.status !== route.success.status) throw new Error(`${route.id}: ${answer.text}`);
    return String(answer.body['id'] ?? answer.body['customerId']);
  }

  /** Does what a worker does when the bell rings. */
  async converge(customerId: string, organizationId: string): Promise<void> {
    const useCase = this.#app?.get(ConvergeCustomer, { strict: false });
    await useCase?.execute({ customerId: idOf(customerId), organizationId: idOf(organizationId) });
  }

  async close(): Promise<void> {
    await this.#app?.close();
    await this.database.close();
    await this.place.drop();
    rmSync(this.#keys, { recursive: true });
  }

  #newTenant(): FakeTenant {
    return this.directory.addTenant({ tenantId: TENANT, domains: [DOMAIN] });
  }

  private async start(): Promise<void> {
    const destination = { write: (line: string) => void this.#log.push(line) };
    this.#app = await createApi({
      ports: this.ports,
      logger: createLogger({ name: 'api', level: 'debug', destination }),
      answers: () => this.database.answers(),
      bodyLimitBytes: BODY_LIMIT,
      consentPages: {
        publicUrl: PUBLIC_URL,
        urlOf: (page) => adminConsentUrl(MICROSOFT_CLOUDS, page),
      },
      checkReplies: true,
    });
  }
}

export const connectionBody = {
  tenantId: TENANT,
  clientId: FAKE_CLIENT_ID,
  credential: { kind: 'secret', value: FAKE_CREDENTIAL },
  domain: DOMAIN,
};

export const policyBody = {
  name: 'Reader for an hour',
  roles: [READER_ROLE],
  credential: 'pass',
  defaultDurationSeconds: 3_600,
  maximumDurationSeconds: 7_200,
};
