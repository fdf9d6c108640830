import { isCollection, isNavigation, propertiesOf } from './graph-schema.js';
import type { Json } from '../foundation/json.js';

/** The kind of a plain value as a filter's literals have it. */
export type ValueKind = 'String' | 'Boolean' | 'DateTimeOffset' | 'Guid' | 'Number';

export interface TypeProperties {
  /** Property name → whether it is a collection. */
  readonly fields: ReadonlyMap<string, boolean>;
  /** Property name → kind; properties of complex types have none. */
  readonly kinds: ReadonlyMap<string, ValueKind>;
  /** Property name → Microsoft's description. */
  readonly descriptions: ReadonlyMap<string, string>;
}

const known = new Map<string, TypeProperties>();

/** What $select may name on a type. */
export function typeProperties(type: string): TypeProperties {
  const found = known.get(type);
  if (found !== undefined) return found;
  const entries = Object.entries(propertiesOf(`microsoft.graph.${type}`)).filter(
    ([, property]) => !isNavigation(property),
  );
  const made: TypeProperties = {
    fields: new Map(entries.map(([name, property]) => [name, isCollection(property)])),
    kinds: new Map(
      entries.flatMap(([name, property]): [string, ValueKind][] => {
        const kind = kindOf(property);
        return kind === undefined ? [] : [[name, kind]];
      }),
    ),
    descriptions: new Map(
      entries.map(([name, { description }]) => [name, typeof description === 'string' ? description : '']),
    ),
  };
  known.set(type, made);
  return made;
}

function kindOf({ type, format }: Json): ValueKind | undefined {
  if (type === 'boolean') return 'Boolean';
  if (type === 'integer' || type === 'number') return 'Number';
  if (type !== 'string') return undefined;
  if (format === 'date-time') return 'DateTimeOffset';
  return format === 'uuid' ? 'Guid' : 'String';
}
