import type { KeyHolder, SealedColumn } from '../shared/index.js';
import { credentialPlace } from '../tenancy/index.js';
import { passwordPlace } from '../accounts/index.js';
import { aWorld, NOON, plant, type Plant, type Planted } from './unit-of-work.samples.js';

const ALL = { after: null, limit: 9 };

export const describeSealed = (planted: Plant): void => {
  describe('sealed values', () => {
    const pageOf = ({ within }: Planted, column: SealedColumn) =>
      within(({ sealed }) => sealed.page(column, ALL));

    it('are found with the place to which they are sealed, a page at a time', async () => {
      const base = await planted();
      const { account, connection } = base.world;
      const text = account.password?.sealed;

      expect(await pageOf(base, 'entra_connection')).toEqual([
        { place: credentialPlace(connection), text: connection.sealedCredential },
      ]);
      expect(await pageOf(base, 'managed_account')).toEqual([{ place: passwordPlace(account, 4), text }]);
      const beyond = { after: account.id, limit: 9 };
      expect(await base.within(({ sealed }) => sealed.page('managed_account', beyond))).toEqual([]);
      const none = { after: null, limit: 0 };
      expect(await base.within(({ sealed }) => sealed.page('entra_connection', none))).toEqual([]);
    });

    it('are counted by the key that they name', async () => {
      const { within } = await planted();

      const counts = await within(({ sealed }) => sealed.countByKey('managed_account'));

      expect(counts).toEqual(new Map([['k1', 1]]));
    });

    it('are replaced where they are what was read, and nothing else of the row is', async () => {
      const base = await planted();
      const { account, connection, customer } = base.world;
      const replace = (before: string) =>
        base.within(({ sealed }) =>
          sealed.replace('entra_connection', [{ rowId: connection.id, before, after: 'v1.k2.iv.text' }]),
        );

      expect(await replace('another')).toBe(0);
      expect(await replace(connection.sealedCredential)).toBe(1);
      expect(await replace(connection.sealedCredential)).toBe(0);

      const text = account.password?.sealed ?? '';
      const password = [{ rowId: account.id, before: text, after: 'v1.k2.iv.password' }];
      expect(await base.within(({ sealed }) => sealed.replace('managed_account', password))).toBe(1);
      await base.within(async ({ accounts, connections }) => {
        expect(await connections.ofCustomer(customer.id)).toEqual({
          ...connection,
          sealedCredential: 'v1.k2.iv.text',
        });
        expect(await accounts.get(account.id)).toEqual({
          ...account,
          password: { ...account.password, sealed: 'v1.k2.iv.password' },
        });
      });
    });

    it('of another organization are not there', async () => {
      const base = await planted();
      const other = aWorld(base.ids);
      await plant(base.unitOfWork, other);
      const { id, sealedCredential: before } = other.connection;

      const replaced = await base.within(({ sealed }) =>
        sealed.replace('entra_connection', [{ rowId: id, before, after: 'x' }]),
      );

      expect(replaced).toBe(0);
      expect(await pageOf(base, 'entra_connection')).toHaveLength(1);
    });

    it('that were sealed anew stay, when somebody writes back what he has read before', async () => {
      const base = await planted();
      const { account, customer } = base.world;
      const ref = { organizationId: customer.organizationId, customerId: customer.id };
      const claim = await base.unitOfWork.clockwork.claimAccount(ref, account.id, NOON);
      if (claim === null) throw new Error('The account could not be claimed.');
      const after = 'v1.k2.iv.password';
      const anew = [{ rowId: account.id, before: account.password?.sealed ?? '', after }];
      await base.within(({ sealed }) => sealed.replace('managed_account', anew));
      const kept = () => base.within(async ({ accounts }) => (await accounts.get(account.id))?.password);

      await base.within(({ accounts }) => accounts.record([claim], [account]));
      expect(await kept()).toEqual({ ...account.password, sealed: after });

      const next = { sealed: 'v1.k1.iv.next', state: 'pending' as const, generation: 5 };
      await base.within(({ accounts }) => accounts.record([claim], [{ ...account, password: next }]));
      expect(await kept()).toEqual(next);

      await base.within(({ accounts }) => accounts.record([claim], [{ ...account, password: null }]));
      expect(await kept()).toBeNull();
    });
  });

  describe('holders of keys', () => {
    const holder: KeyHolder = { instance: 'worker-1', sealing: 'k1', readable: ['k1', 'k2'], at: NOON };

    it('are known by what they said last, until they end or fall silent', async () => {
      const { unitOfWork } = await planted();
      const { keyHolders } = unitOfWork.clockwork;
      const later = { ...holder, sealing: 'k2', at: NOON + 1 };
      await keyHolders.report(holder);
      await keyHolders.report({ ...holder, instance: 'api-1' });
      await keyHolders.report(later);

      expect(await keyHolders.since(NOON)).toEqual([{ ...holder, instance: 'api-1' }, later]);
      expect(await keyHolders.since(NOON + 1)).toEqual([later]);
      await keyHolders.farewell('worker-1');
      expect(await keyHolders.since(NOON + 1)).toEqual([]);
    });
  });
};
