import { verdictOf } from '#core/testing';
import type { EntraDirectory } from './index.js';
import { alone, BUDGET_MS, Rig } from './testing/rig.js';
import { directoryTo } from './testing/simulated-tenant.js';

jest.setTimeout(60_000);

const MINUTE_MS = 60_000;
const FIND = alone({ do: 'findUser', upn: 'x' });
const TOKEN_PATH = '**/oauth2/v2.0/token';

describe('EntraDirectory renews its token', () => {
  let rig: Rig;
  let now: number;
  let directory: EntraDirectory;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  beforeEach(async () => {
    await rig.enter();
    now = Date.now();
    directory = directoryTo(rig.simulator, () => now);
    await find();
    await rig.countFromHere();
  });
  afterEach(async () => {
    await directory.close();
    await rig.leave();
  });
  afterAll(() => rig.stop());

  const find = async (version = 1): Promise<string> => {
    const [outcome] = await directory.perform({ ...rig.world.app, version }, FIND, BUDGET_MS);
    return outcome === undefined ? '' : verdictOf(outcome);
  };
  const together = (count: number): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: count }, () => find()));

  it('with one request for three hundred calls that find it expired', async () => {
    now += 120 * MINUTE_MS;

    expect(new Set(await together(300))).toEqual(new Set(['ok']));
    expect(await rig.tokenRequests()).toBe(1);
  });

  it('beside the work, some minutes before its end: nobody waits for sign-in', async () => {
    const hook = await rig.simulator.hold({ match: { path: TOKEN_PATH }, at: 'before-commit' });
    now += 56 * MINUTE_MS;

    expect(new Set(await together(20))).toEqual(new Set(['ok']));
    await rig.simulator.waitHeld(hook);
    expect(await find()).toBe('ok');
    await rig.simulator.release(hook);
    // The new one is there when the old one is over.
    now += 4 * MINUTE_MS;
    expect(await find()).toBe('ok');
    expect(await rig.tokenRequests()).toBe(1);
  });

  it('and when that fails, goes on with the one that is still good', async () => {
    await rig.fault({ times: 99, match: { path: TOKEN_PATH }, effect: { status: 503 } });
    now += 56 * MINUTE_MS;

    expect(new Set(await together(20))).toEqual(new Set(['ok']));
    now += 3 * MINUTE_MS;
    expect(new Set(await together(20))).toEqual(new Set(['ok']));
    now += 2 * MINUTE_MS;
    expect(new Set(await together(20))).toEqual(new Set(['unanswered later']));
    expect(await rig.tokenRequests()).toBeLessThanOrEqual(3);
  });

  it('S002: and a credential that is refused is one request for hundreds of calls, until it is exchanged', async () => {
    const effect = { status: 401, code: '7000215', message: 'AADSTS7000215: Invalid client secret.' };
    await rig.fault({ times: 99, match: { path: TOKEN_PATH }, effect });
    now += 120 * MINUTE_MS;

    expect(new Set(await together(300))).toEqual(new Set(['credential_bad later']));
    now += 4_000;
    expect(await find()).toBe('credential_bad later');
    expect(await rig.tokenRequests()).toBe(1);
    await rig.simulator.clearFaults();
    // A new version is another credential, and that may be the good one.
    expect(await find(2)).toBe('ok');
    now += 1_000;
    expect(await find()).toBe('ok');
  });
});
