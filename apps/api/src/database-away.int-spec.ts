import { createServer, type AddressInfo } from 'node:net';
import 'reflect-metadata';
import request from 'supertest';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { problem } from '#contracts';
import {
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  FakeTenantCatalogue,
  FakeCertificates,
  FakeTenantSurveyor,
} from '#core/testing';
import { openDatabase, type Database } from '#persistence';
import { createLogger } from '#platform';
import { createApi } from './create-api.js';

const TOKEN = 'curfew_000000000000000000000000000000_2bcwe9';

let database: Database;
let app: NestExpressApplication;
const log: string[] = [];

/** A port on which nobody listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

beforeAll(async () => {
  const url = `postgres://curfew:the-password@127.0.0.1:${await closedPort()}/curfew`;
  database = openDatabase({ appUrl: url, clockworkUrl: url });
  const clock = new FakeClock();
  app = await createApi({
    ports: {
      unitOfWork: database.unitOfWork,
      doorway: database.doorway,
      alarms: database.alarms,
      directory: new FakeDirectory(() => clock.now()),
      changes: new FakeDirectory(() => clock.now()),
      catalogue: new FakeTenantCatalogue(),
      surveyor: new FakeTenantSurveyor(),
      certificates: new FakeCertificates(),
      federatedOrganization: null,
      queue: new FakeJobQueue(),
      clock,
      ids: new FakeIds(),
      box: new FakeSecretBox(),
    },
    logger: createLogger({
      name: 'api',
      level: 'info',
      destination: { write: (line: string) => void log.push(line) },
    }),
    answers: () => database.answers(),
    bodyLimitBytes: 1_000,
    consentPages: { publicUrl: null, urlOf: () => null },
    checkReplies: true,
  });
});

afterAll(async () => {
  await app.close();
  await database.close();
});

const server = (): Parameters<typeof request>[0] => app.getHttpServer();

describe('While the database is away', () => {
  it.each([
    ['POST', '/api/v1/access-requests'],
    ['GET', '/api/v1/grants'],
  ] as const)('%s %s says so, and that trying again helps', async (method, path) => {
    const agent = request(server());
    const pending = method === 'GET' ? agent.get(path) : agent.post(path).send({});

    const answer = await pending.set('Authorization', `Bearer ${TOKEN}`);

    expect(answer.status).toBe(503);
    expect(problem.parse(answer.body).code).toBe('database.unavailable');
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.text + log.join('')).not.toContain('the-password');
  });

  it('the process says that it lives, and that it is not ready', async () => {
    const live = await request(server()).get('/api/v1/health/live');
    const ready = await request(server()).get('/api/v1/health/ready');

    expect([live.status, ready.status]).toEqual([200, 503]);
  });

  it('nobody without a token learns of it', async () => {
    expect((await request(server()).get('/api/v1/grants')).status).toBe(401);
  });
});
