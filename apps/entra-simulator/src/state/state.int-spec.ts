import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSimulator } from '../../../../test/support/simulator.js';
import { bodyOf, goodPassword, setStage, tenantId } from '../testing/stage.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'simulator-state-'));

describe('The state on disk', () => {
  it('outlives a crash: what was answered is there, a torn line is not, and tokens still work', async () => {
    const dataDir = newFolder();
    const first = await startTestSimulator({ dataDir });
    const { createUser, token, graph } = await setStage(first, { groups: [{ displayName: 'G' }] });
    const id = await createUser({ onPremisesExtensionAttributes: { extensionAttribute15: 'marker' } });
    await graph('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, { body: {} });
    const before = await first.truth(tenantId);
    const history = await first.history();
    // Nothing is written at the close that an abrupt end would miss: the file is read as it lies there now.
    const file = join(dataDir, 'state.jsonl');
    const asItLies = readFileSync(file, 'utf8');
    await first.stopSimulator();
    expect(readFileSync(file, 'utf8')).toBe(asItLies);
    appendFileSync(file, '["row","11111111-0000-4000-8000-0000');

    const second = await startTestSimulator({ dataDir });

    expect(await second.truth(tenantId)).toEqual(before);
    expect(await second.history()).toEqual(history);
    expect(second.caPem).toBe(first.caPem);
    expect((await second.call('GET', `/v1.0/users/${id}`, { token })).status).toBe(200);
    await second.stopSimulator();
  });

  it('holds no password and no pass', async () => {
    const dataDir = newFolder();
    const simulator = await startTestSimulator({ dataDir });
    const { createUser, graph } = await setStage(simulator);
    const id = await createUser();
    const pass = await graph('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, { body: {} });

    const everything = [
      readFileSync(join(dataDir, 'state.jsonl'), 'utf8'),
      JSON.stringify([
        await simulator.truth(tenantId),
        await simulator.history(),
        await simulator.requests(),
      ]),
    ].join();

    expect(everything).not.toContain(goodPassword);
    expect(everything).not.toContain(JSON.stringify(bodyOf(pass)['temporaryAccessPass']).slice(1, -1));
    expect(everything).not.toContain('a secret of the app');
    await simulator.stopSimulator();
  });

  it('says what was true when, and by whom', async () => {
    const simulator = await startTestSimulator();
    const { createUser, graph } = await setStage(simulator);
    const since = (await simulator.history()).at(-1)?.seq ?? 0;
    const id = await createUser({ accountEnabled: false });
    await graph('PATCH', `/users/${id}`, { body: { accountEnabled: true } });
    await simulator.portal(tenantId, { do: 'addRole', userId: id, roleId: 'Global Reader' });
    await simulator.portal(tenantId, { do: 'deleteUser', userId: id });

    const entries = await simulator.history({ tenantId, userId: id, since });

    expect(entries.map(({ what, by }) => [what, by])).toEqual([
      ['user.created', { appId: '22222222-0000-4000-8000-000000000001' }],
      ['user.enabled', { appId: '22222222-0000-4000-8000-000000000001' }],
      ['role.assigned', 'portal'],
      ['user.deleted', 'portal'],
    ]);
    expect(entries[0]).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      userPrincipalName: 'ada.admin@contoso.onmicrosoft.com',
      details: { accountEnabled: false },
    });
    await simulator.stopSimulator();
  });

  it('an empty spec makes a usable tenant', async () => {
    const simulator = await startTestSimulator();

    const truth = await simulator.makeTenant(tenantId);

    expect(truth.domains).toMatchObject([
      { name: 't11111111.onmicrosoft.com', isVerified: true, isInitial: true, isDefault: true },
    ]);
    expect(truth).toMatchObject({
      licence: 'P2',
      throttling: true,
      users: [],
      passPolicy: { state: 'enabled' },
    });
    await simulator.stopSimulator();
  });
});
