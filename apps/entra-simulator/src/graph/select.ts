import type { Json } from '../foundation/json.js';
import { typeProperties } from '../validation/type-properties.js';
import { malformed } from './errors.js';

/** Reads one property of an entity; undefined means that it has no value. */
export type Reader = (property: string) => unknown;

const selections = new Map<string, readonly string[]>();
const mostSelections = 1000;

/** The names that `$select` asks for, or the type's default; a name that the type lacks is refused. */
export function selectedNames(
  type: string,
  select: string | undefined,
  byDefault: readonly string[],
): readonly string[] {
  if (select === undefined || select === '') return byDefault;
  const key = `${type} ${select}`;
  const known = selections.get(key);
  if (known !== undefined) return known;
  const names = select.split(',').map((name) => name.trim());
  const { fields } = typeProperties(type);
  const unknown = names.find((name) => !fields.has(name) && name !== '*');
  if (unknown !== undefined) {
    throw malformed(
      `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.${type}'.`,
    );
  }
  if (selections.size >= mostSelections) selections.clear();
  selections.set(key, names);
  return names;
}

/** What Graph shows for the selected names: null for no value, [] for an empty collection. */
export function pick(type: string, names: readonly string[], read: Reader): Json {
  const { fields } = typeProperties(type);
  const shown: Json = {};
  for (const name of names) shown[name] = read(name) ?? (fields.get(name) === true ? [] : null);
  return shown;
}

export const contextOf = (root: string, what: string, select: string | undefined): string =>
  `${root}/$metadata#${what}${select === undefined || select === '' ? '' : `(${select})`}`;
