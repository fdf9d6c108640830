import { idOf, type Ids } from '../shared/index.js';
import { pendingCertificatePlace, type PendingCertificate } from '../tenancy/index.js';
import { aWorld, NOON, plant, type Plant, type World } from './unit-of-work.samples.js';

/** A certificate made for the world's customer. */
export const aPendingCertificate = (ids: Ids, { customer }: Pick<World, 'customer'>): PendingCertificate => ({
  id: idOf(ids.uuid()),
  organizationId: customer.organizationId,
  customerId: customer.id,
  certificate: '-----BEGIN CERTIFICATE-----',
  subject: 'CN=Curfew for Contoso',
  thumbprint: 'A1',
  thumbprintSha256: 'B2',
  startsAt: NOON - 1,
  endsAt: NOON + 1,
  sealedCredential: 'v1.k1.iv.pending',
  createdAt: NOON,
});

export const describePendingCertificates = (planted: Plant): void => {
  describe('a pending certificate', () => {
    it('is one at the most of each customer, and can be thrown away once', async () => {
      const { within, world, ids } = await planted();
      const pending = aPendingCertificate(ids, world);
      const other = { ...aPendingCertificate(ids, world), thumbprint: 'C3' };
      const known = () =>
        within(({ pendingCertificates }) => pendingCertificates.ofCustomer(world.customer.id));
      const insert = (each: PendingCertificate) =>
        within(({ pendingCertificates }) => pendingCertificates.insert(each));
      const remove = (each: PendingCertificate) =>
        within(({ pendingCertificates }) => pendingCertificates.remove(each.id));

      expect(await known()).toBeNull();
      expect(await insert(pending)).toBe(true);
      expect(await insert(other)).toBe(false);
      expect(await known()).toEqual(pending);
      expect(await remove(other)).toBe(false);
      expect(await remove(pending)).toBe(true);
      expect(await remove(pending)).toBe(false);
      expect(await insert(other)).toBe(true);
      expect(await known()).toEqual(other);
    });

    it('is found with everything else that is sealed', async () => {
      const { within, world, ids } = await planted();
      const pending = aPendingCertificate(ids, world);
      await within(({ pendingCertificates }) => pendingCertificates.insert(pending));

      const found = await within(({ sealed }) =>
        sealed.page('entra_pending_certificate', { after: null, limit: 9 }),
      );

      expect(found).toEqual([{ place: pendingCertificatePlace(pending), text: pending.sealedCredential }]);
    });

    it('of another organization is not there', async () => {
      const { within, unitOfWork, ids } = await planted();
      const foreign = aWorld(ids);
      await plant(unitOfWork, foreign);
      const pending = aPendingCertificate(ids, foreign);
      await unitOfWork.inOrganization(foreign.organization.id, ({ pendingCertificates }) =>
        pendingCertificates.insert(pending),
      );

      await within(async ({ pendingCertificates }) => {
        expect(await pendingCertificates.ofCustomer(foreign.customer.id)).toBeNull();
        expect(await pendingCertificates.remove(pending.id)).toBe(false);
      });
    });

    it('belongs to a customer', async () => {
      const { within, world, ids } = await planted();
      const orphan = { ...aPendingCertificate(ids, world), customerId: idOf<'customer'>(ids.uuid()) };

      const inserting = within(({ pendingCertificates }) => pendingCertificates.insert(orphan));

      await expect(inserting).rejects.toMatchObject({ code: 'customer.not_found' });
    });
  });
};
