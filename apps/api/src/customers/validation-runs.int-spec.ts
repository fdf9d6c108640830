import { routes } from '#contracts';
import { ValidateClaimed, ValidateCustomer } from '#core/validating';
import { ApiWorld } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

let world: ApiWorld;
let msp: Msp;
let connected: string;
let unconnected: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
  ({ customerId: connected } = await world.connected(msp));
  const sent = { token: msp.owner, body: { name: 'Fabrikam' } };
  unconnected = await world.made(routes.createCustomer, sent);
});
afterAll(() => world.close());

const begin = (body: object = {}, key?: string) =>
  world.send(routes.beginValidationRun, {
    token: msp.admin,
    body,
    ...(key === undefined ? {} : { key }),
  });

/** Does what a worker does. */
const work = async (): Promise<void> => {
  const one = new ValidateClaimed(world.ports, new ValidateCustomer(world.ports));
  for (const claim of await world.ports.unitOfWork.clockwork.claimValidations(world.clock.now(), 16))
    await one.execute(claim);
};

const lines = async (id: string, query: Readonly<Record<string, string>> = {}) => {
  const { body } = await world.send(routes.listValidationRunLines, { token: msp.auditor, id, query });
  return body as { readonly items: Record<string, unknown>[]; readonly nextCursor: string | null };
};

describe('A validation run', () => {
  it('is begun for all that are connected, goes on in the workers, and is told of line by line', async () => {
    const begun = await begin();
    const id = String(begun.body['id']);

    expect([begun.status, begun.body]).toMatchObject([
      202,
      { state: 'running', endedAt: null, customers: 1, counts: { waiting: 1, couldNot: 0 } },
    ]);
    await work();

    const run = await world.send(routes.getValidationRun, { token: msp.auditor, id });
    expect(run.body).toMatchObject({ state: 'done', customers: 1, counts: { waiting: 0, running: 0 } });
    const [line] = (await lines(id)).items;
    const found = await world.send(routes.getValidation, { token: msp.owner, id: connected });
    expect(line).toMatchObject({ customerId: connected, name: 'Contoso', why: null });
    expect(line?.['state']).toBe(found.body['verdict']);
  });

  it('tells of those that could not be validated, with code and mend, page by page', async () => {
    const { body } = await begin({ customerIds: [unconnected, connected] });
    const id = String(body['id']);
    await work();

    const { items, nextCursor } = await lines(id, { limit: '1' });
    const rest = await lines(id, { limit: '1', cursor: String(nextCursor) });
    const couldNot = await lines(id, { state: 'could_not' });

    expect([...items, ...rest.items].map(({ customerId }) => customerId)).toEqual([connected, unconnected]);
    expect(couldNot.items).toMatchObject([
      {
        customerId: unconnected,
        why: { code: 'customer.not_connected', mend: expect.stringContaining('PUT') as string },
      },
    ]);
  });

  it('is one at a time, the same under the same key, and cancelled once', async () => {
    const first = await begin({}, 'monday');
    const id = String(first.body['id']);
    const second = await begin();
    const again = await begin({}, 'monday');

    expect([second.status, second.body]).toMatchObject([409, { code: 'validation_run.running', runId: id }]);
    expect([again.status, again.body['id']]).toEqual([202, id]);
    const cancel = () => world.send(routes.cancelValidationRun, { token: msp.admin, id });
    expect((await cancel()).body).toMatchObject({ state: 'cancelled', counts: { cancelled: 1, waiting: 0 } });
    expect((await cancel()).status).toBe(200);
    await work();
    const found = await world.send(routes.getValidation, { token: msp.owner, id: connected });
    expect(found.body['code']).toBe('validation.not_found');
    expect((await begin()).status).toBe(202);
  });

  it.each([
    [{ customerIds: [] }, 400, 'request.invalid'],
    [{ customerIds: ['not an id'] }, 400, 'request.invalid'],
    [{ customerIds: ['019ab0c4-0000-7000-8000-0000000000aa'] }, 404, 'customer.not_found'],
    [
      { customerIds: Array.from({ length: 1_001 }, () => '019ab0c4-0000-7000-8000-0000000000aa') },
      400,
      'request.invalid',
    ],
  ])('refuses what names nobody, or too many (%#)', async (body, status, code) => {
    const answer = await begin(body);

    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('is for owners and admins, of whoever is connected', async () => {
    const other = await world.msp('other');

    const technician = await world.send(routes.beginValidationRun, { token: msp.technician, body: {} });
    const nobody = await world.send(routes.beginValidationRun, { token: other.owner, body: {} });
    const theirs = { token: other.owner, body: { customerIds: [connected] } };
    const foreign = await world.send(routes.beginValidationRun, theirs);

    expect([technician.status, technician.body['code']]).toEqual([403, 'permission.missing']);
    expect([nobody.status, nobody.body['code']]).toEqual([409, 'validation_run.nobody_connected']);
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'customer.not_found']);
  });
});
