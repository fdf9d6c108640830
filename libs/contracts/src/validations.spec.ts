import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LINE_IDS } from '#core/tenancy';
import { validation } from './validations.js';

describe('the lines of Validate', () => {
  const ids: readonly string[] = validation.shape.lines.element.shape.id.options;

  it('are those that the core judges', () => {
    expect(ids).toEqual([...LINE_IDS]);
  });

  it('stand in the documentation, each once', () => {
    const page = readFileSync(resolve(__dirname, '../../../docs/validate.md'), 'utf8');

    expect([...page.matchAll(/^\| `(\w+)` /gm)].map(([, id]) => id)).toEqual([...ids]);
  });
});
