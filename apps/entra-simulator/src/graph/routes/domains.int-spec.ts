import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  aUser,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

describe('Domains', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    expect((await simulator.violations()).own).toEqual([]);
    await simulator.stopSimulator();
  });

  const stage = (): Promise<Stage> =>
    setStage(simulator, { permissions: [...usualPermissions, 'Domain.ReadWrite.All'] });

  it('S106: one is initial and one is default, and each says whether it is federated', async () => {
    const { graph } = await stage();

    expect(valueOf(await graph('GET', '/domains'))).toMatchObject([
      { id: 'contoso.onmicrosoft.com', isInitial: true, isDefault: true, authenticationType: 'Managed' },
      { id: 'unverified.example', isVerified: false },
      { id: 'federated.example', authenticationType: 'Federated' },
    ]);
  });

  it('S021: a new one takes users when its proof is in the DNS and has been looked at', async () => {
    const { graph } = await stage();
    const create = () => graph('POST', '/users', { body: aUser({ userPrincipalName: 'ada@new.example' }) });

    expect(await graph('POST', '/domains', { body: { id: 'new.example' } })).toMatchObject({
      status: 201,
      body: { id: 'new.example', isVerified: false },
    });
    expect((await graph('POST', '/domains', { body: { id: 'new.example' } })).status).toBe(400);
    expect(valueOf(await graph('GET', '/domains/new.example/verificationDnsRecords'))).toMatchObject([
      { recordType: 'Txt', label: 'new.example' },
      { recordType: 'Mx' },
    ]);
    expect((await graph('POST', '/domains/new.example/verify')).status).toBe(400);
    await simulator.portal(tenantId, { do: 'proveDomain', domain: 'new.example' });
    expect((await create()).status).toBe(400);
    expect(await graph('POST', '/domains/new.example/verify')).toMatchObject({
      status: 200,
      body: { isVerified: true },
    });
    expect((await create()).status).toBe(201);
  });

  it('only a verified one becomes the default, and then no other is', async () => {
    const { graph } = await stage();
    const makeDefault = (name: string) => graph('PATCH', `/domains/${name}`, { body: { isDefault: true } });

    expect((await makeDefault('unverified.example')).status).toBe(400);
    expect((await makeDefault('federated.example')).status).toBe(204);

    const isDefault = valueOf(await graph('GET', '/domains')).map((domain) => domain['isDefault']);
    expect(isDefault).toEqual([false, false, true]);
    const fixed = await graph('PATCH', '/domains/federated.example', { body: { isInitial: true } });
    expect(fixed.status).toBe(400);
  });
});
