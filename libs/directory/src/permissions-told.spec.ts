import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { missingPermissions, recommendedPermissions } from './permissions.js';

const root = resolve(__dirname, '../../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

/** What the code itself asks for, by the least names. */
const needed = [...missingPermissions(new Set())].sort();
const recommended = [...recommendedPermissions(new Set())].sort();

/** Microsoft's own ids of them. */
const { appRoles } = JSON.parse(read('apps/entra-simulator/data/app-roles.json')) as {
  readonly appRoles: readonly { readonly value: string; readonly id: string; readonly isHidden: boolean }[];
};

/** The permissions of a list in a script, by its beginning. */
const listed = (text: string, begin: string): readonly { readonly id: string; readonly value: string }[] => {
  const [, list = ''] = text.split(begin);
  const entries = list.slice(0, list.indexOf('\n)')).matchAll(/'([0-9a-f-]{36}) ([\w.-]+) \S.*'/g);
  return [...entries].map(([, id = '', value = '']) => ({ id, value }));
};
const valuesOf = (entries: readonly { readonly value: string }[]): readonly string[] =>
  entries.map(({ value }) => value).sort();

/** Those in tables of a page: the first cell. */
const inTables = (text: string): readonly string[] =>
  [...text.matchAll(/^ *\| `([A-Z][\w.-]+)` +\|/gm)].map(([, value = '']) => value);

describe.each([
  ['scripts/register-app.sh', '\nNEEDED=(', '\nRECOMMENDED=('],
  ['scripts/register-app.ps1', '\n$needed = @(', '\n$recommendedToo = @('],
])('%s', (path, first, second) => {
  it('asks for what the code needs, and besides for what it recommends, each by its own id', () => {
    const text = read(path);
    const lists = [listed(text, first), listed(text, second)] as const;

    expect(lists.map(valuesOf)).toEqual([needed, recommended]);
    for (const { id, value } of lists.flat())
      expect(appRoles.find((role) => role.value === value)).toMatchObject({ id, isHidden: false });
    const ids = [...text.matchAll(/'([0-9a-f]{8}-[0-9a-f-]{27})/g)].map(([, id]) => id);
    // Beside these only Microsoft Graph itself and the one directory role.
    expect(new Set(ids).size).toBe(needed.length + recommended.length + 2);
  });
});

describe('the documents', () => {
  it.each(['docs/permissions.md', 'docs/onboarding.md'])('%s names these and no others', (path) => {
    expect(inTables(read(path)).toSorted()).toEqual([...needed, ...recommended].sort());
  });

  it('say of the same ones that they are recommended', () => {
    const marked = [...read('docs/permissions.md').matchAll(/^\| `([\w.-]+)` +\| recommended:/gm)];

    expect(marked.map(([, value]) => value).sort()).toEqual(recommended);
  });
});
