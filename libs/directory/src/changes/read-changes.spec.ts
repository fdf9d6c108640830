import { linkTo, page, scriptedStage } from '../testing/scripted-client.js';
import { readChanges } from './read-changes.js';

const CURSOR = '/users/delta?$deltatoken=before';
const next = (token: string): object => ({ '@odata.nextLink': linkTo(`/users/delta?$skiptoken=${token}`) });
const end = (token: string): object => ({ '@odata.deltaLink': linkTo(`/users/delta?$deltatoken=${token}`) });
const user = (id: string, accountEnabled: boolean): object => ({ id, accountEnabled });
const gone = { status: 410, headers: {}, body: { error: { code: 'resyncRequired', message: '' } } };
const throttled = { status: 429, headers: { 'retry-after': '9' }, body: null };

describe('readChanges', () => {
  it('tells each user once, with what was told last of each of its fields', async () => {
    const stage = scriptedStage([
      page([user('a', true), { id: 'a', userPrincipalName: 'a@x' }], next('1')),
      page([user('a', false), { id: 'b', '@removed': { reason: 'changed' } }], end('2')),
    ]);

    expect(await readChanges(stage, CURSOR)).toEqual({
      changes: [
        { objectId: 'a', removed: null, enabled: false, upn: 'a@x' },
        { objectId: 'b', removed: 'soft' },
      ],
      cursor: '/users/delta?$deltatoken=2',
      restarted: false,
      caughtUp: true,
    });
    expect(stage.asked.map(({ path }) => path)).toEqual([CURSOR, '/users/delta?$skiptoken=1']);
  });

  it('tells a marker that is not there from one that was not told', async () => {
    const bears = (marker: unknown): object => ({ onPremisesExtensionAttributes: marker });
    const stage = scriptedStage([
      page(
        [
          { id: 'a', ...bears({ extensionAttribute15: 'mark' }) },
          { id: 'b', ...bears({ extensionAttribute15: null }) },
          { id: 'c', ...bears(null) },
          { id: 'd' },
          { id: 'e', '@removed': { reason: 'deleted' } },
        ],
        end('1'),
      ),
    ]);

    const { changes } = await readChanges(stage, null);

    expect(changes.map((change) => change.marker)).toEqual(['mark', null, null, undefined, undefined]);
    expect(changes.at(-1)).toEqual({ objectId: 'e', removed: 'hard' });
  });

  it('S102: begins anew once when its place is lost, on the first page or in the middle', async () => {
    const first = scriptedStage([gone, page([user('a', true)], end('1'))]);
    const middle = scriptedStage([
      page([user('z', true)], next('1')),
      gone,
      page([user('a', true)], end('2')),
    ]);

    expect(await readChanges(first, CURSOR)).toMatchObject({ restarted: true, caughtUp: true });
    expect(await readChanges(middle, CURSOR)).toMatchObject({
      changes: [{ objectId: 'a' }],
      restarted: true,
    });
    expect(first.asked[1]?.path).toMatch(/^\/users\/delta\?\$select=/);
  });

  it.each(['syncStateNotFound', 'SyncStateInvalid', 'resyncRequired'])(
    'S102: takes a 400 with the code %s for a lost place too',
    async (code) => {
      const refused = { status: 400, headers: {}, body: { error: { code, message: '' } } };

      expect(await readChanges(scriptedStage([refused, page([], end('1'))]), CURSOR)).toMatchObject({
        restarted: true,
      });
    },
  );

  it('fails when there is no beginning either', async () => {
    const stage = scriptedStage([gone, gone, page([], end('1'))]);

    await expect(readChanges(stage, CURSOR)).rejects.toMatchObject({ facts: { status: 410 } });
    expect(stage.asked).toHaveLength(2);
  });

  it('keeps what it has when a later page fails, and goes on there the next time', async () => {
    const stage = scriptedStage([page([user('a', true)], next('1')), throttled]);

    expect(await readChanges(stage, CURSOR)).toEqual({
      changes: [{ objectId: 'a', removed: null, enabled: true }],
      cursor: '/users/delta?$skiptoken=1',
      restarted: false,
      caughtUp: false,
    });
    await expect(readChanges(scriptedStage([throttled]), CURSOR)).rejects.toMatchObject({
      reason: 'throttled',
      facts: { retryAfterSeconds: 9 },
    });
  });

  it('stops after so many pages, where it can go on', async () => {
    const pages = Array.from({ length: 99 }, (_, at) => page([user(`u${at}`, true)], next(`${at + 1}`)));

    const { changes, cursor, caughtUp } = await readChanges(scriptedStage(pages), null);

    expect([changes.length, cursor, caughtUp]).toEqual([50, '/users/delta?$skiptoken=50', false]);
  });

  it.each([
    ['nowhere', {}],
    ['to another host', { '@odata.deltaLink': 'https://elsewhere.example/v1.0/users/delta?$deltatoken=1' }],
    ['to another list', { '@odata.deltaLink': linkTo('/groups/delta?$deltatoken=1') }],
  ])('takes no cursor that leads %s', async (_where, links) => {
    await expect(readChanges(scriptedStage([page([], links)]), null)).rejects.toMatchObject({
      reason: 'unknown',
    });
  });
});
