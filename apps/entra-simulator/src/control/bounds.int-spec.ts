import type { RequestEntry } from './contract.js';
import { setStage, startFrozen } from '../testing/stage.js';
import type { TestSimulator } from '../../../../test/support/simulator.js';

describe('The control API keeps within its bounds', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  it.each([
    ['POST', '/__control/clock', { advanceMs: 1e300 }],
    ['PUT', '/__control/settings', { latency: { medianMs: 1e12, p99Ms: 1e13 } }],
  ])('and refuses what no clock and no timer can hold: %s %s', async (method, path, body) => {
    expect((await simulator.call(method, path, { body })).status).toBe(400);
    expect((await simulator.call('GET', '/__page/news')).status).toBe(200);
  });

  it('and keeps of a part only the beginning of an address of a megabyte', async () => {
    const { graph } = await setStage(simulator);
    const url = `/users?$filter=startswith(displayName,'${'a'.repeat(1_000_000)}')`;

    await graph('POST', '/$batch', { body: { requests: [{ id: '1', method: 'GET', url }] } });

    const entries = (await simulator.call('GET', '/__control/requests')).body as RequestEntry[];
    expect(entries.at(-1)?.parts?.[0]?.url).toHaveLength(4_097);
  });
});
