import { randomUUID } from 'node:crypto';
import { DirectoryError, type DirectoryStep, type StepOutcome } from '#core/accounts';
import { idOf, type ObjectId } from '#core/shared';
import {
  startTestSimulator,
  type RequestEntry,
  type TenantSpec,
  type TestSimulator,
} from '../../../test/support/simulator.js';
import { EntraDirectory } from './index.js';
import { appFor, CLIENT_ID, CLIENT_SECRET, PERMISSIONS } from './testing/simulated-tenant.js';

// The machine is shared.
jest.setTimeout(120_000);

const BUDGET_MS = 60_000;
const USER = '99999999-9999-4999-8999-000000000001';
const SPEC: TenantSpec = {
  displayName: 'Acme',
  domains: [{ name: 'acme.example', isVerified: true, authenticationType: 'Managed', isDefault: true }],
  apps: [
    {
      clientId: CLIENT_ID,
      secrets: [{ value: CLIENT_SECRET }],
      permissions: PERMISSIONS,
      directoryRoles: ['Privileged Authentication Administrator'],
    },
  ],
};
const user: ObjectId = idOf(USER);
const A1: readonly DirectoryStep[] = [{ ref: 'off', call: { do: 'disable', user }, urgent: true }];
const B: readonly DirectoryStep[] = [{ ref: 'revoked', call: { do: 'revokeSessions', user } }];

/** For a token, of which so many at once would be another test. */
const READ: readonly DirectoryStep[] = [{ ref: 'read', call: { do: 'readUser', user } }];

describe('EntraDirectory, between many customers', () => {
  let simulator: TestSimulator;
  let directory: EntraDirectory;
  let elapsed = 0;
  const open = (deferenceMs: number): void => {
    const host = { authorityHost: simulator.url, graphHost: simulator.url, caPem: simulator.caPem };
    const pace = { elapsed: () => elapsed + performance.now(), lanes: { deferenceMs } };
    directory = new EntraDirectory({ clouds: { custom: host }, pace });
  };

  beforeAll(async () => {
    simulator = await startTestSimulator({});
  });
  afterEach(async () => {
    await simulator.clearFaults();
    await directory.close();
  });
  afterAll(() => simulator.stopSimulator());

  const tenants = async (count: number): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) await simulator.makeTenant(id, SPEC);
    return ids;
  };
  /** The log comes in pages. */
  const requests = async (since = 0): Promise<readonly RequestEntry[]> => {
    const all: RequestEntry[] = [];
    for (let from = since; ;) {
      const page = await simulator.requests({ since: from });
      const last = page.at(-1);
      if (last === undefined) return all;
      all.push(...page);
      from = last.seq;
    }
  };
  const perform = (tenantId: string, steps: readonly DirectoryStep[]): Promise<readonly StepOutcome[]> =>
    directory.perform(appFor(tenantId), steps, BUDGET_MS);
  /** As a round of convergence does: the disable, and then what else is taken away. */
  const end = async (tenantId: string): Promise<void> => {
    await perform(tenantId, A1);
    await perform(tenantId, B);
  };
  const writes = (entries: readonly RequestEntry[]): readonly RequestEntry[] =>
    entries.filter(({ path, method }) => path.startsWith('/v1.0/') && method !== 'GET');

  it('sends the disables of a hundred customers before anything else is taken away from any', async () => {
    const ids = await tenants(100);
    // Of a machine that is shared nobody knows how long an answer takes.
    open(BUDGET_MS);
    for (let from = 0; from < ids.length; from += 10)
      await Promise.all(ids.slice(from, from + 10).map((id) => perform(id, READ)));

    await Promise.all(ids.map(end));

    const methods = writes(await requests()).map(({ method }) => method);
    expect(methods).toEqual([...Array<string>(100).fill('PATCH'), ...Array<string>(100).fill('POST')]);
  });

  it.each([7, null])(
    'asks a customer in a storm once in each Retry-After (%s s) and class, and the others as ever',
    async (told) => {
      const ids = await tenants(50);
      const [stormy = '', ...quiet] = ids;
      open(500);
      await simulator.addFault({
        tenantId: stormy,
        times: 10_000,
        match: { path: '/users/**' },
        effect: {
          status: 429,
          code: 'TooManyRequests',
          message: 'Wait.',
          ...(told === null ? {} : { retryAfter: told }),
        },
      });
      const since = Math.max(0, ...(await requests()).map(({ seq }) => seq));

      for (let round = 0; round < 4; round += 1) {
        await Promise.all(quiet.map((id) => perform(id, round % 2 === 0 ? A1 : B)));
        const outcomes = (
          await Promise.all([perform(stormy, A1), perform(stormy, B), perform(stormy, A1)])
        ).flat();
        for (const outcome of outcomes) expect(reasonOf(outcome)).toBe('throttled');
      }
      const ofRound = writes(await requests(since));
      expect(ofRound.filter(({ tenantId }) => tenantId === stormy).length).toBeLessThanOrEqual(2);
      for (const id of quiet) expect(ofRound.filter(({ tenantId }) => tenantId === id)).toHaveLength(4);

      elapsed += 60_000;
      await simulator.clearFaults();
      await perform(stormy, A1);
      const after = writes(await requests(since)).filter(({ tenantId }) => tenantId === stormy);
      expect(after.length - ofRound.filter(({ tenantId }) => tenantId === stormy).length).toBe(1);
    },
  );
});

const reasonOf = (outcome: StepOutcome): string =>
  outcome.ok || !(outcome.error instanceof DirectoryError) ? 'ok' : outcome.error.reason;
