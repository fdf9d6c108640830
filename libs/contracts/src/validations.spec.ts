import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LINE_IDS } from '#core/tenancy';
import { customerHealth } from './customer-health.js';
import { validation } from './validations.js';

describe('the lines of Validate', () => {
  const ids: readonly string[] = validation.shape.lines.element.shape.id.options;

  it('are those that the core judges', () => {
    expect(ids).toEqual([...LINE_IDS]);
  });

  it('stand in the documentation, each once, and what customers suffer from', () => {
    const page = readFileSync(resolve(__dirname, '../../../docs/validate.md'), 'utf8');

    const named = [...page.matchAll(/^\| `(\w+)` /gm)].flatMap(([, id]) => id ?? []);
    const causes = customerHealth.shape.reasons.element.shape.cause.options;
    expect(named.slice(0, ids.length)).toEqual([...ids]);
    expect(named.slice(ids.length).sort()).toEqual([...causes].sort());
  });
});
