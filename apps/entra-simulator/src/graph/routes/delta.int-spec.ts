import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  bodyOf,
  reference,
  setStage,
  startFrozen,
  tenantId,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const permissions = [
  'User.ReadWrite.All',
  'Group.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Directory.Read.All',
];
const ann = '33333333-0000-4000-8000-000000000001';
const bob = '33333333-0000-4000-8000-000000000002';
const users = [
  { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' },
  { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com' },
];
const day = 24 * 60 * 60 * 1000;

describe('Delta queries', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const follow = ({ graph }: Stage, link: unknown, headers: Record<string, string> = {}) => {
    const url = new URL(String(link));
    return graph('GET', `${url.pathname.slice('/v1.0'.length)}${url.search}`, { headers });
  };

  /** All pages of a round. */
  async function round(stage: Stage, path: string, headers: Record<string, string> = {}) {
    const rows: Record<string, unknown>[] = [];
    let answer = await stage.graph('GET', path, { headers });
    let pages = 1;
    rows.push(...valueOf(answer));
    while (bodyOf(answer)['@odata.nextLink'] !== undefined) {
      answer = await follow(stage, bodyOf(answer)['@odata.nextLink'], headers);
      pages += 1;
      rows.push(...valueOf(answer));
    }
    return { rows, pages, deltaLink: bodyOf(answer)['@odata.deltaLink'] };
  }

  it('S102: tells the whole state in pages, then what has changed since, and again when asked again', async () => {
    const many = Array.from({ length: 450 }, (_, i) => ({
      userPrincipalName: `u${i}@contoso.onmicrosoft.com`,
    }));
    const stage = await setStage(simulator, { permissions, users: [...users, ...many], throttling: false });

    const first = await round(stage, '/users/delta?$select=userPrincipalName,accountEnabled');
    await stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    await stage.graph('PATCH', `/users/${bob}`, { body: { jobTitle: 'not followed' } });
    const carla = await stage.createUser();
    const changes = await follow(stage, first.deltaLink);
    const replay = await follow(stage, first.deltaLink);
    const nothing = await follow(stage, bodyOf(changes)['@odata.deltaLink']);

    expect([first.rows.length, first.pages, new Set(first.rows.map((row) => row['id'])).size]).toEqual([
      452, 3, 452,
    ]);
    expect(valueOf(changes)).toEqual([
      { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com', accountEnabled: false },
      { id: carla, userPrincipalName: 'ada.admin@contoso.onmicrosoft.com', accountEnabled: true },
    ]);
    expect(valueOf(replay)).toEqual(valueOf(changes));
    expect(valueOf(nothing)).toEqual([]);
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('S103: a deleted user is told as changed while it can be restored, then as deleted', async () => {
    const stage = await setStage(simulator, { permissions, users });
    const start = bodyOf(await stage.graph('GET', '/users/delta?$deltaToken=latest'));
    expect(start['value']).toEqual([]);

    await stage.graph('DELETE', `/users/${ann}`);
    const soft = await follow(stage, start['@odata.deltaLink']);
    await stage.graph('POST', `/directory/deletedItems/${ann}/restore`, { body: {} });
    const restored = await follow(stage, bodyOf(soft)['@odata.deltaLink']);
    await stage.graph('DELETE', `/users/${ann}`);
    await stage.graph('DELETE', `/directory/deletedItems/${ann}`);
    const hard = await follow(stage, bodyOf(restored)['@odata.deltaLink']);

    expect(valueOf(soft)).toEqual([{ id: ann, '@removed': { reason: 'changed' } }]);
    expect(valueOf(restored)).toMatchObject([{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }]);
    expect(valueOf(hard)).toEqual([{ id: ann, '@removed': { reason: 'deleted' } }]);
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('S102: a token of more than seven days is gone, with the way back to an empty one', async () => {
    const stage = await setStage(simulator, { permissions, users });
    const { deltaLink } = await round(stage, '/users/delta');
    await simulator.advance(7 * day);
    expect((await follow(stage, deltaLink)).status).toBe(401);
    const token = await simulator.token(tenantId, {
      clientId: '22222222-0000-4000-8000-000000000001',
      secret: 'a secret of the app',
    });
    const again = {
      ...stage,
      graph: (method: string, path: string) => simulator.call(method, `/v1.0${path}`, { token }),
    };

    const inTime = await follow(again, deltaLink);
    await simulator.advance(1);
    const late = await follow(again, deltaLink);

    expect(inTime.status).toBe(200);
    expect(late).toMatchObject({
      status: 410,
      headers: { location: `${simulator.url}/v1.0/users/delta?$deltatoken=` },
      body: { error: { code: 'syncStateNotFound' } },
    });
    expect(valueOf(await follow(again, late.headers['location']))).toHaveLength(2);
  });

  it('S102: tokens of another tenant, of another collection and of nobody are refused', async () => {
    const stage = await setStage(simulator, { permissions, users });
    const { deltaLink } = await round(stage, '/users/delta');
    const usersToken = new URL(String(deltaLink)).searchParams.get('$deltatoken')!;

    expect((await stage.graph('GET', `/groups/delta?$deltatoken=${usersToken}`)).status).toBe(400);
    expect((await stage.graph('GET', '/users/delta?$deltatoken=nonsense')).status).toBe(400);
    expect((await stage.graph('GET', `/users/delta?$skiptoken=${usersToken}`)).status).toBe(400);
    const other = await setStage(simulator, { permissions, users });
    expect((await follow(other, deltaLink)).status).toBe(410);
  });

  it('S102: a change is told when its replica has it, and none is lost on the way', async () => {
    const stage = await setStage(simulator, {
      permissions,
      users,
      lags: { directory: { minMs: 1_000, maxMs: 60_000, replicas: 3 } },
    });
    let link = (await round(stage, '/users/delta?$select=jobTitle')).deltaLink;
    const told = new Set<unknown>();
    for (let i = 0; i < 20; i++) {
      await simulator.portal(tenantId, {
        do: 'patchUser',
        userId: i % 2 ? ann : bob,
        changes: { jobTitle: `t${i}` },
      });
    }

    const early = await follow(stage, link);
    for (let second = 0; second < 61; second += 5) {
      await simulator.advance(5_000);
      const answer = await follow(stage, link);
      for (const row of valueOf(answer)) told.add(`${String(row['id'])} ${String(row['jobTitle'])}`);
      link = bodyOf(answer)['@odata.deltaLink'];
    }

    expect(valueOf(early)).toEqual([]);
    expect(told).toContain(`${ann} t19`);
    expect(told).toContain(`${bob} t18`);
  });

  it('S102: a scoping filter takes ids only, fifty at most; other options are refused', async () => {
    const stage = await setStage(simulator, { permissions, users });
    const { deltaLink, rows } = await round(stage, `/users/delta?$filter=id eq '${ann}'`);
    await stage.graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'a' } });
    await stage.graph('PATCH', `/users/${bob}`, { body: { jobTitle: 'b' } });
    const many = Array.from({ length: 51 }, () => `id eq '${ann}'`).join(' or ');

    expect(rows.map((row) => row['id'])).toEqual([ann]);
    expect(valueOf(await follow(stage, deltaLink)).map((row) => row['id'])).toEqual([ann]);
    const refused = [
      `/users/delta?$filter=${many}`,
      "/users/delta?$filter=displayName eq 'x'",
      '/users/delta?$orderby=displayName',
      '/users/delta?$expand=manager',
      '/users/delta?$select=nothing',
    ];
    for (const path of refused) expect((await stage.graph('GET', path)).status).toBe(400);
  });

  it('S102: with return=minimal only what changed is told', async () => {
    const stage = await setStage(simulator, { permissions, users });
    const { deltaLink } = await round(stage, '/users/delta');
    await stage.graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'Lead', officeLocation: null } });

    const answer = await follow(stage, deltaLink, { Prefer: 'return=minimal' });

    expect(answer.headers['preference-applied']).toBe('return=minimal');
    expect(valueOf(answer)).toEqual([{ id: ann, jobTitle: 'Lead', officeLocation: null }]);
  });

  it("S102: a group's members are told with it, and who came and went", async () => {
    const crowd = Array.from({ length: 1_500 }, (_, i) => ({
      userPrincipalName: `u${i}@contoso.onmicrosoft.com`,
      groups: ['Crowd'],
    }));
    const stage = await setStage(simulator, {
      permissions,
      throttling: false,
      users: [...users, ...crowd],
      groups: [{ displayName: 'Crowd' }, { displayName: 'Staff' }],
    });
    const [, staff] = (await simulator.truth(tenantId)).groups;

    const { rows, deltaLink } = await round(stage, '/groups/delta()?$select=displayName,members');
    await stage.graph('POST', `/groups/${staff!.id}/members/$ref`, { body: reference(ann) });
    await stage.graph('POST', `/groups/${staff!.id}/members/$ref`, { body: reference(bob) });
    await stage.graph('DELETE', `/groups/${staff!.id}/members/${bob}/$ref`);
    const changes = await follow(stage, deltaLink);

    const members = rows.flatMap((row) => (row['members@delta'] ?? []) as unknown[]);
    expect([members.length, rows.length]).toEqual([1_500, 3]);
    expect(valueOf(changes)).toEqual([
      {
        id: staff!.id,
        displayName: 'Staff',
        'members@delta': [
          { '@odata.type': '#microsoft.graph.user', id: ann },
          { '@odata.type': '#microsoft.graph.user', id: bob, '@removed': { reason: 'deleted' } },
        ],
      },
    ]);
    expect((await simulator.violations()).own).toEqual([]);
  });
});
