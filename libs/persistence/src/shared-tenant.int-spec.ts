import { Converge, DriftPass, DriftSweep } from '#core/convergence';
import { idOf, Secret } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import { FAKE_CREDENTIAL } from '#core/testing';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(60_000);

let ground: ProvingGround;
let customer: GroundCustomer;
beforeEach(async () => {
  ground = await ProvingGround.open();
  customer = await ground.customer('contoso');
});
afterEach(() => ground.close());

/** An organization of the same deployment that has connected the same tenant, by its own customer. */
const stranger = async () => {
  const known = await ground.within(({ connections }) => connections.ofCustomer(customer.customerId));
  if (known === null) throw new Error('There is no connection.');
  const { ids, box, people } = ground;
  const organizationId = idOf<'organization'>(ids.uuid());
  const customerId = idOf<'customer'>(ids.uuid());
  const identity = { organizationId, id: idOf<'connection'>(ids.uuid()), version: 1 };
  const sealedCredential = box.seal(new Secret(FAKE_CREDENTIAL), credentialPlace(identity));
  await ground.database.unitOfWork.inOrganization(
    organizationId,
    async ({ organizations, customers, connections }) => {
      await organizations.insert({ ...people.organization, id: organizationId, slug: 'stranger' });
      await customers.insert({ ...people.customer, organizationId, id: customerId });
      await connections.save({ ...known, ...identity, customerId, sealedCredential }, null);
    },
  );
  return organizationId;
};

describe('a tenant that two organizations have connected', () => {
  it('has the accounts of each left alone by the passes of the other', async () => {
    const grant = await ground.request(customer);
    await ground.worker().execute(customer);
    const organizationId = await stranger();
    const ports = { ...ground.ports, changes: ground.directory };
    const sweep = new DriftSweep(ports, new DriftPass(ports, new Converge(ports)));
    const failures: unknown[] = [];

    const { done } = await sweep.due((_, error) => failures.push(error));
    await done;

    expect(failures).toEqual([]);
    expect((await ground.user(customer, grant))?.enabled).toBe(true);
    const strays = await ground.asAdmin(async (admin) => {
      const { rows } = await admin.query<Record<string, string | null>>(
        `SELECT organization_id AS "organizationId", verdict, account_id AS "accountId" FROM stray_user`,
      );
      return rows;
    });
    expect(strays).toEqual([{ organizationId, verdict: 'unproven', accountId: null }]);
  });
});
