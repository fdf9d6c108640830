import type { Consent } from '#core/tenancy';
import { idOf, type Ids } from '../shared/index.js';
import { NOON, type Plant, type World } from './unit-of-work.samples.js';

const TENANT = 'aaaaaaaa-2222-4333-8444-555555555555';

const aConsent = (ids: Ids, { customer }: Pick<World, 'customer'>): Consent => ({
  id: idOf(ids.uuid()),
  organizationId: customer.organizationId,
  customerId: customer.id,
  cloud: 'global',
  clientId: '88888888-7777-4888-8999-000000000000',
  expectedTenantId: TENANT,
  domain: 'contoso.onmicrosoft.com',
  stateDigest: `digest of ${customer.id}`,
  madeAt: NOON,
  expiresAt: NOON + 9,
  state: 'open',
  claimedTenantId: null,
  answeredAt: null,
  proven: null,
  problem: null,
  attempts: 0,
  dueAt: null,
  version: 1,
});

export const describeConsents = (planted: Plant): void => {
  describe('a consent', () => {
    it('is kept as it is, found by its customer and by the digest of its link alone', async () => {
      const { within, world, ids } = await planted();
      const first = aConsent(ids, world);
      const second: Consent = {
        ...first,
        id: idOf(ids.uuid()),
        stateDigest: 'another digest',
        state: 'to_confirm',
        claimedTenantId: TENANT,
        answeredAt: NOON + 1,
        proven: { displayName: 'Contoso', domains: ['contoso.onmicrosoft.com'] },
        problem: {
          code: 'directory.domain_unknown',
          says: 'It is not there.',
          mend: 'Choose another.',
          entraCode: 'AADSTS700016',
          missingPermissions: ['Domain.Read.All'],
        },
        attempts: 3,
        version: 2,
      };
      const save = (next: Consent, expected: number | null) =>
        within(({ consents }) => consents.save(next, expected));
      const byState = (digest: string) => within(({ consents }) => consents.byState(digest));
      const known = () => within(({ consents }) => consents.ofCustomer(world.customer.id));

      expect(await known()).toBeNull();
      expect(await save(first, null)).toBe(true);
      expect(await save(first, null)).toBe(false);
      expect(await known()).toEqual(first);
      expect(await byState(first.stateDigest)).toEqual(first);
      expect(await save(second, 2)).toBe(false);
      expect(await save(second, 1)).toBe(true);
      expect(await known()).toEqual(second);
      expect(await byState(first.stateDigest)).toBeNull();
      expect(await byState('another digest')).toEqual(second);
    });

    it('is found by the sweep when it is due', async () => {
      const { within, unitOfWork, world, ids } = await planted();
      const { organizationId, id: customerId } = world.customer;
      const open = aConsent(ids, world);
      const told = { claimedTenantId: TENANT, answeredAt: NOON, dueAt: NOON + 5 };
      const due = (now: number, limit = 9) => unitOfWork.clockwork.dueConsents(now, limit);
      await within(({ consents }) => consents.save(open, null));
      expect(await due(NOON + 9)).toEqual([]);

      await within(({ consents }) => consents.save({ ...open, ...told, state: 'waiting', version: 2 }, 1));

      expect(await due(NOON + 4)).toEqual([]);
      expect(await due(NOON + 5)).toEqual([{ organizationId, customerId }]);
      expect(await due(NOON + 5, 0)).toEqual([]);
    });

    it('belongs to a customer', async () => {
      const { within, world, ids } = await planted();
      const orphan = { ...aConsent(ids, world), customerId: idOf<'customer'>(ids.uuid()) };

      await expect(within(({ consents }) => consents.save(orphan, null))).rejects.toMatchObject({
        code: 'customer.not_found',
      });
    });
  });
};
