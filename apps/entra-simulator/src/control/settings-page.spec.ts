import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tenantSpecSchema } from './schemas.js';
import { usualSwitches } from './tenant-spec.js';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/simulator.md'), 'utf8');

/** The rows of the table under a heading, cells without their padding. */
const rowsUnder = (heading: string): string[][] => {
  const [, rest = ''] = page.split(`\n${heading}\n`);
  const lines = (rest.split(/\n##/)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.split(' | ').map((cell) => cell.replaceAll('|', '').trim()));
};

const namesIn = (rows: string[][]): string[] =>
  rows.flatMap(([first = '']) => [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));

describe('docs/simulator.md', () => {
  it('has every switch with its default', () => {
    const told = rowsUnder('## Switches').map(([name = '', usual = '']) => [
      name.replaceAll('`', ''),
      /^`([^`]+)`/.exec(usual)?.[1],
    ]);

    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(Object.entries(usualSwitches).map(([name, usual]) => [name, String(usual)])),
    );
  });

  it('says what every switch can be besides its default', () => {
    for (const [name = '', , other = ''] of rowsUnder('## Switches')) {
      expect([name, other]).toEqual([name, expect.stringMatching(/^`/)]);
    }
  });

  it("has every setting of a tenant's spec", () => {
    expect(namesIn(rowsUnder("### A tenant's settings")).sort()).toEqual(
      Object.keys(tenantSpecSchema.shape).sort(),
    );
  });

  it('has every lag', () => {
    expect(namesIn(rowsUnder('### Lags')).sort()).toEqual(
      Object.keys(tenantSpecSchema.shape.lags.unwrap().shape).sort(),
    );
  });
});
