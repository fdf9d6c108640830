import { isCollection, isNavigation, propertiesOf } from './graph-schema.js';

export interface TypeProperties {
  /** Property name → whether it is a collection. */
  readonly fields: ReadonlyMap<string, boolean>;
}

const known = new Map<string, TypeProperties>();

/** What $select may name on a type. */
export function typeProperties(type: string): TypeProperties {
  const found = known.get(type);
  if (found !== undefined) return found;
  const entries = Object.entries(propertiesOf(`microsoft.graph.${type}`))
    .filter(([, property]) => !isNavigation(property))
    .map(([name, property]): [string, boolean] => [name, isCollection(property)]);
  const made = { fields: new Map(entries) };
  known.set(type, made);
  return made;
}
