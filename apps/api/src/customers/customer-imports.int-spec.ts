import { routes } from '#contracts';
import { ApiWorld, TENANT } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

let world: ApiWorld;
let msp: Msp;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
});
afterAll(() => world.close());

const OTHER = '0c0470c0-2222-4000-8000-00000000c070';

const send = (csv: string, how: object = {}, key?: string) =>
  world.send(routes.importCustomers, {
    token: msp.admin,
    body: { csv, ...how },
    ...(key === undefined ? {} : { key }),
  });
interface Item {
  readonly id: string;
  readonly name: string;
  readonly expectedTenant: object | null;
}
const customers = async (): Promise<readonly Item[]> => {
  const { body } = await world.send(routes.listCustomers, { token: msp.owner, query: { limit: '100' } });
  return body['items'] as readonly Item[];
};
const codes = (body: Record<string, unknown>): readonly (string | null)[] =>
  (body['lines'] as { wrong: { code: string } | null }[]).map(({ wrong }) => wrong?.code ?? null);

/** Every kind of wrong line between two good ones. */
const WRONG = [
  ['', null],
  [',x.example', 'name_missing'],
  ['"Open,', 'quote_wrong'],
  ['A"B,', 'quote_wrong'],
  ['Nul\u0000,', 'name_unusable'],
  ['M\ufffdller,', 'name_unusable'],
  [`${'n'.repeat(201)},`, 'name_too_long'],
  [`${'l'.repeat(2_100)},`, 'line_too_long'],
  ['Tenant,,not-a-guid', 'tenant_id_malformed'],
  ['Cloud,,,Mars', 'cloud_unknown'],
  ['Domain,https://x.example', 'domain_malformed'],
  ['Cells,,,,too,many', 'cells_wrong'],
  ['FIRST,', 'duplicate'],
  [`Contoso,,${OTHER}`, 'other_tenant'],
] as const;

describe('A list of customers', () => {
  it('is tried, then taken, then taken again without making anything twice', async () => {
    const csv = `\ufeffName;Tenant ID;Cloud;Domain\r\n"Müller; Söhne";${OTHER};;mueller.example\r\n=2+3|cmd;;;\r\n`;

    const tried = await send(csv, { dryRun: true });
    expect([tried.status, tried.body]).toMatchObject([
      200,
      { written: false, counts: { created: 2, exists: 0, wrong: 0 } },
    ]);
    expect(await customers()).toEqual([]);
    const taken = await send(csv);
    const again = await send(csv);

    const [mueller, formula] = await customers();
    expect(taken.body).toMatchObject({
      written: true,
      lines: [
        { line: 2, name: 'Müller; Söhne', status: 'created', customerId: mueller?.id, wrong: null },
        { line: 3, name: '=2+3|cmd', status: 'created', customerId: formula?.id },
      ],
    });
    expect(again.body).toMatchObject({ counts: { created: 0, exists: 2, wrong: 0 } });
    const expectedTenant = { cloud: 'global', tenantId: OTHER, domain: 'mueller.example' };
    expect([mueller?.expectedTenant, formula?.expectedTenant]).toEqual([expectedTenant, null]);
    expect(await customers()).toHaveLength(2);
  });

  it('with every kind of wrong line tells each by code, sentence and mend, and takes the good ones', async () => {
    await world.connected(msp);
    const rows = ['First,', ...WRONG.map(([row]) => row), 'Last,'];

    const { status, body } = await send(['name,domain,tenantId,cloud', ...rows].join('\n'));

    expect(status).toBe(200);
    const wanted = WRONG.flatMap(([row, code]) => (row === '' ? [] : [`customer_import.${code}`]));
    expect(codes(body)).toEqual([null, ...wanted, null]);
    for (const line of body['lines'] as { wrong: Record<string, unknown> | null }[]) {
      if (line.wrong === null) continue;
      expect(String(line.wrong['says']).length).toBeGreaterThan(10);
      expect(String(line.wrong['mend']).length).toBeGreaterThan(5);
    }
    expect((await customers()).map(({ name }) => name)).toEqual(['Contoso', 'First', 'Last']);
  });

  it('writes nothing when all or nothing is asked for and a line is wrong', async () => {
    const { body } = await send('name\nOne\nTwo\ntwo', { allOrNothing: true });

    expect(body).toMatchObject({ written: false, counts: { created: 2, wrong: 1 } });
    expect(await customers()).toEqual([]);
  });

  it('knows who is there by the tenant that is connected', async () => {
    const { customerId } = await world.connected(msp);

    const { body } = await send(`name,tenantId\nAnother name,${TENANT}`);

    expect(body).toMatchObject({ lines: [{ status: 'exists', customerId }] });
  });

  it('of 300, sent ten times at the same moment, makes 300', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `Customer ${index}`);
    const csv = ['name', ...names].join('\n');

    const answers = await Promise.all(Array.from({ length: 10 }, () => send(csv)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const created = answers.map(({ body }) => (body['counts'] as { created: number }).created);
    expect(created.reduce((sum, count) => sum + count, 0)).toBe(300);
    const again = await send(csv);
    expect(again.body).toMatchObject({ counts: { created: 0, exists: 300 } });
  });

  it('of a thousand is one transaction when all or nothing is asked for', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `Customer ${index}`);

    const { status, body } = await send(['name', ...names].join('\n'), { allOrNothing: true });

    expect([status, body['counts']]).toEqual([200, { created: 1_000, exists: 0, wrong: 0 }]);
  });

  it('is refused under a key that another list has, and known under its own', async () => {
    expect((await send('name\nOne', {}, 'monday')).status).toBe(200);

    expect((await send('name\nOne', {}, 'monday')).body).toMatchObject({ counts: { exists: 1 } });
    const other = await send('name\nTwo', {}, 'monday');
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency.key_reused']);
  });

  it.each([
    ['name,clientSecret\nContoso,CANARY-secret-in-a-list', 'customer_import.secrets_refused'],
    ['name,phone\nContoso,1', 'customer_import.columns_unknown'],
    ['Contoso\nFabrikam', 'customer_import.header_missing'],
    ['name\n', 'customer_import.empty'],
    [`name\n${'a\n'.repeat(1_001)}`, 'customer_import.too_many'],
    ['x'.repeat(90_001), 'request.invalid'],
    ['', 'request.invalid'],
  ])('is refused as a whole (%#)', async (csv, code) => {
    const answer = await send(csv);

    expect([answer.status, answer.body['code']]).toEqual([400, code]);
    expect(answer.text + world.log()).not.toContain('CANARY');
    expect(await customers()).toEqual([]);
  });

  it('is for those who may make customers, in their own organization', async () => {
    const other = await world.msp('other');
    const body = { csv: 'name\nContoso' };

    expect((await world.send(routes.importCustomers, { token: msp.auditor, body })).status).toBe(403);
    await world.send(routes.importCustomers, { token: other.owner, body });

    expect(await customers()).toEqual([]);
  });
});
