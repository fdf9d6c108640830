import { linkTo, page, scriptedStage } from '../testing/scripted-client.js';
import { DOMAINS, groupsLike, ROLES, UNITS } from './questions.js';
import { readList } from './read-list.js';

const group = (id: string): object => ({ id, displayName: id });
const next = (path: string): object => ({ '@odata.nextLink': linkTo(path) });
const GROUPS = groupsLike({ limit: 5_000 });

describe('readList', () => {
  it('follows the list to its end, and counts nothing twice that stands on two pages', async () => {
    const stage = scriptedStage([
      page([group('a'), group('b')], next('/groups?$skiptoken=1')),
      page([], next('/groups?$skiptoken=2')),
      page([group('b'), group('c')]),
    ]);

    const { items, complete } = await readList(stage, GROUPS);

    expect(items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(complete).toBe(true);
    expect(stage.asked.map(({ path }) => path)).toEqual([
      GROUPS.path,
      '/groups?$skiptoken=1',
      '/groups?$skiptoken=2',
    ]);
  });

  it('searches for a long name whose cut goes through a pair of halves', () => {
    expect(() => groupsLike({ search: `${'a'.repeat(255)}😀`, limit: 10 })).not.toThrow();
  });

  it('asks for each page of a search from the index, and for all with the lowest priority', async () => {
    const stage = scriptedStage([page([group('a')], next('/groups?$skiptoken=1')), page([group('b')])]);

    await readList(stage, groupsLike({ search: 'a', limit: 10 }));

    expect(stage.asked).toMatchObject(Array(2).fill({ method: 'GET', priority: 'Low', fromIndex: true }));
    expect(stage.asked[0]?.path).toContain('$count=true&$search=%22displayName%3Aa%22');
  });

  it.each([
    ['to another host', 'https://elsewhere.example/v1.0/groups?$skiptoken=1'],
    ['to itself', linkTo(GROUPS.path)],
  ])('does not follow a list that leads %s', async (_where, link) => {
    const stage = scriptedStage([page([group('a')], { '@odata.nextLink': link })]);

    await expect(readList(stage, GROUPS)).rejects.toMatchObject({ reason: 'unknown' });
    expect(stage.asked).toHaveLength(1);
  });

  it('gives a list up that never ends', async () => {
    const pages = Array.from({ length: 200 }, (_, at) =>
      page([group(`g${at}`)], next(`/groups?$skiptoken=${at + 1}`)),
    );
    const stage = scriptedStage(pages);

    const { items, complete } = await readList(stage, GROUPS);

    expect(complete).toBe(false);
    expect([items.length, stage.asked.length]).toEqual([60, 60]);
  });

  it.each([
    ['no list', { status: 200, headers: {}, body: { error: 'none' } }],
    ['no JSON', { status: 200, headers: {}, body: null }],
    ['elements without an id', page([{ displayName: 'x' }])],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' }, body: null }],
    ['nothing', { status: 204, headers: {}, body: null }],
  ])('takes %s for no answer, and never for an empty list', async (_what, answer) => {
    const later = scriptedStage([page([group('a')], next('/groups?$skiptoken=1')), answer]);

    await expect(readList(scriptedStage([answer]), GROUPS)).rejects.toMatchObject({ reason: 'unknown' });
    expect(await readList(later, GROUPS)).toMatchObject({
      items: [{ id: 'a' }],
      complete: false,
      brokenOff: { reason: 'unknown' },
    });
  });

  it('lets no secret out that Graph quotes', async () => {
    const body = { error: { code: 'Odd', message: `Strange canary.${'x'.repeat(2_000)}` } };

    const error: unknown = await readList(scriptedStage([{ status: 418, headers: {}, body }]), GROUPS).catch(
      (caught: unknown) => caught,
    );

    expect(String(error)).toContain('Odd: Strange [redacted].');
    expect(String(error).length).toBeLessThan(600);
  });

  it('tells of a role what nobody has told us: a new one and a custom one may be privileged', async () => {
    const role = (id: string, isBuiltIn: boolean, isEnabled = true): object => ({
      id,
      templateId: id,
      displayName: id,
      isBuiltIn,
      isEnabled,
    });
    const stage = scriptedStage([
      page([
        role('62e90394-69f5-4237-9190-012177145e10', true),
        role('790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', true),
        role('aaaaaaaa-0000-4000-8000-000000000000', true),
        role('fe930be7-5e62-47db-91af-98c3a49a38b1'.toUpperCase(), true),
        role('custom', false),
        role('switched off', false, false),
      ]),
    ]);

    const { items } = await readList(stage, ROLES);

    expect(items.map(({ privileged }) => privileged)).toEqual([true, false, null, true, null]);
  });

  it('asks for no fewer than one group and for no more than a picker can use', () => {
    expect(groupsLike({ limit: 0 }).most).toBe(1);
    expect(groupsLike({ limit: 1e9 }).most).toBe(25_000);
    expect(groupsLike({ limit: 12 }).path).toContain('$top=12');
  });

  it('takes what a unit or a domain does not say for no', async () => {
    const { items: units } = await readList(scriptedStage([page([{ id: 'u' }])]), UNITS);
    const { items: domains } = await readList(scriptedStage([page([{ id: 'd.example' }])]), DOMAINS);

    expect(units).toEqual([{ id: 'u', displayName: '', restricted: false }]);
    expect(domains).toEqual([
      { name: 'd.example', verified: false, managed: false, isDefault: false, initial: false },
    ]);
  });
});
