import { directoryContract } from '#core/testing';
import { startTestSimulator, type TestSimulator } from '../../../test/support/simulator.js';
import { simulatedTenant } from './testing/simulated-tenant.js';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator({ validation: 'all' });
});
afterAll(() => simulator.stopSimulator());

directoryContract('EntraDirectory', (wish) => simulatedTenant(simulator, wish));

it('never sent anything that Microsoft has not documented', async () => {
  expect((await simulator.violations()).requests).toEqual([]);
});
