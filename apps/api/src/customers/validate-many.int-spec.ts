import { randomUUID } from 'node:crypto';
import { routes } from '#contracts';
import { idOf, Secret, type CustomerId } from '#core/shared';
import { credentialPlace, type EntraConnection } from '#core/tenancy';
import { ValidateClaimed, ValidateCustomer, ValidationSweep } from '#core/validating';
import { EntraDirectory } from '#directory';
import { startTestSimulator, type TestSimulator } from '../../../../test/support/simulator.js';
import { CONSENTED } from '../../../../test/support/stack-msp.js';
import { until } from '../../../../test/support/stack-until.js';
import { ApiWorld, DOMAIN } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

const CUSTOMERS = 300;
/** Side by side in a worker. */
const PLACES = 16;
const CLIENT_ID = '5f0e1c1a-52a6-4d36-9f52-0f3f3c3b2a10';
const SECRET = 'canary-of-the-client-secret';
const PATIENCE_MS = 240_000;

jest.setTimeout(PATIENCE_MS + 120_000);

interface Run {
  readonly state: string;
  readonly customers: number;
  readonly counts: Readonly<Record<string, number>>;
}

let simulator: TestSimulator;
let directory: EntraDirectory;
let world: ApiWorld;
let msp: Msp;
let customers: readonly { readonly id: CustomerId; readonly tenantId: string }[];

beforeAll(async () => {
  simulator = await startTestSimulator();
  directory = new EntraDirectory({
    clouds: { custom: { authorityHost: simulator.url, graphHost: simulator.url, caPem: simulator.caPem } },
  });
  const clock = { now: () => Date.now() };
  world = await ApiWorld.open({ directory, catalogue: directory, surveyor: directory, clock });
  msp = await world.msp('acme');
  const tenants = Array.from({ length: CUSTOMERS }, () => randomUUID());
  const apps = [{ clientId: CLIENT_ID, secrets: [{ value: SECRET }], permissions: [...CONSENTED] }];
  for (const tenantId of tenants) await simulator.makeTenant(tenantId, { domains: [{ name: DOMAIN }], apps });
  const csv = ['name,tenantId', ...tenants.map((tenantId, index) => `Customer ${index},${tenantId}`)];
  const sent = { token: msp.owner, body: { csv: csv.join('\n') } };
  const { body } = await world.send(routes.importCustomers, sent);
  const lines = body['lines'] as readonly { readonly customerId: string }[];
  customers = lines.map(({ customerId }, index) => ({
    id: idOf(customerId),
    tenantId: tenants[index] ?? '',
  }));
  await connectAll();
});
afterAll(async () => {
  await world.close();
  await directory.close();
  await simulator.stopSimulator();
});

/** As connecting writes it, without asking each tenant first. */
const connectAll = (): Promise<void> => {
  const { unitOfWork, box, ids } = world.ports;
  const organizationId = idOf<'organization'>(msp.organizationId);
  return unitOfWork.inOrganization(organizationId, async ({ connections }) => {
    for (const { id: customerId, tenantId } of customers) {
      const row = { organizationId, id: idOf<'connection'>(ids.uuid()), version: 1 };
      const connection: EntraConnection = {
        ...row,
        customerId,
        cloud: 'custom',
        tenantId,
        clientId: CLIENT_ID,
        credentialKind: 'secret',
        sealedCredential: box.seal(new Secret(SECRET), credentialPlace(row)),
        domain: DOMAIN,
        capabilities: { mayTouchRoleHolders: false, pass: null, timedRoles: false },
        timedRolesRefused: {},
        state: 'active',
        checkedAt: Date.now(),
        credentialEndsAt: null,
      };
      await connections.save(connection, null);
    }
  });
};

const progress = async (id: string): Promise<Run> => {
  const { body } = await world.send(routes.getValidationRun, { token: msp.owner, id });
  return body as unknown as Run;
};

describe('300 customers, imported and validated', () => {
  it('asks all the others while one tenant does not answer', async () => {
    const [slow] = customers;
    // Longer than a question may take. Oldest first: it is among the first that are taken up.
    await simulator.addFault({
      ...{ tenantId: slow?.tenantId ?? '', match: { path: '/$batch' } },
      effect: { slowMs: 30_000 },
    });
    const failures: unknown[] = [];
    const one = new ValidateClaimed(world.ports, new ValidateCustomer(world.ports));
    const sweep = new ValidationSweep(world.ports, one);
    const begun = await world.send(routes.beginValidationRun, { token: msp.owner, body: {} });
    const id = String(begun.body['id']);
    expect(begun.body).toMatchObject({ customers: CUSTOMERS, counts: { waiting: CUSTOMERS } });

    await sweep.due((_, error) => failures.push(error));
    const done = await until(
      () => progress(id),
      ({ state }) => state !== 'running',
      { what: 'the run is done', timeoutMs: PATIENCE_MS },
    );
    await sweep.stop();

    expect(failures).toEqual([]);
    expect(done).toMatchObject({
      state: 'done',
      counts: { warn: CUSTOMERS, waiting: 0, running: 0, couldNot: 0 },
    });
    const ended = await endsOf(id);
    const last = ended.get(slow?.id ?? '') ?? '';
    // Rounds that wait for their slowest would have had one round's customers done by then.
    expect([...ended.values()].filter((at) => at < last).length).toBeGreaterThan(2 * PLACES);
  });
});

const endsOf = async (id: string): Promise<ReadonlyMap<string, string>> => {
  const ends = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const query: Record<string, string> = { limit: '100', ...(cursor === null ? {} : { cursor }) };
    const { body } = await world.send(routes.listValidationRunLines, { token: msp.owner, id, query });
    for (const line of body['items'] as { customerId: string; endedAt: string }[])
      ends.set(line.customerId, line.endedAt);
    cursor = body['nextCursor'] as string | null;
  } while (cursor !== null);
  return ends;
};
