import type { FilterTree, Literal } from './query/filter-tree.js';

export { parseFilter } from './query/filter-parser.js';
export type { FilterOperator, FilterRules } from './query/property-rules.js';

/** What must hold of every item that passes a filter: look-ups go by it. */
export interface Clause {
  readonly property: string;
  readonly operator: string;
  readonly values: readonly Literal['value'][];
}

/** The clauses that a filter joins by `and` at its top; what is under `or` and `not` need not hold. */
export function conjuncts(tree: FilterTree): Clause[] {
  if (tree.kind === 'and') return tree.parts.flatMap(conjuncts);
  if (tree.kind !== 'clause') return [];
  const { property, operator, literals } = tree;
  return [{ property, operator, values: literals.map((literal) => literal.value) }];
}

/** The value that `property eq 'value'` asks for, when that must hold. */
export function equalTo(clauses: readonly Clause[], property: string): string | undefined {
  const clause = clauses.find((one) => one.operator === 'eq' && one.property === property);
  const value = clause?.values[0];
  return typeof value === 'string' ? value : undefined;
}
