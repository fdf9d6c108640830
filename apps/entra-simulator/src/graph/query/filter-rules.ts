import { typeProperties, type TypeProperties } from '../../validation/type-properties.js';
import { malformed, unsupportedQuery, type GraphError } from '../errors.js';
import type { Clause, FilterTree } from './filter-tree.js';
import type { FilterOperator, FilterRules } from './property-rules.js';

/** What a filter is judged by. */
export interface FilterGround {
  /** OpenAPI type without `microsoft.graph.`. */
  readonly type: string;
  readonly resource: string;
  readonly rules: FilterRules;
  readonly isAdvanced: boolean;
}

/** [I] Seen as the service's limit on `or` and on the values of `in`. */
const mostAlternatives = 15;

/** Refuses what the entity cannot be filtered by, in Graph's words. */
export function judgeFilter(tree: FilterTree, ground: FilterGround): void {
  if (tree.kind === 'clause') return judgeClause(tree, ground);
  if (tree.kind === 'not') {
    judgeFilter(tree.inner, ground);
    // A negation is an advanced query whatever it negates.
    if (!ground.isAdvanced) throw unsupportedQuery();
    return;
  }
  if (tree.kind === 'any') return judgeAny(tree, ground);
  if (tree.kind === 'count') return judgeCount(tree.property, ground);
  if (tree.kind === 'or') refuseTooMany(tree.parts.length);
  for (const part of tree.parts) judgeFilter(part, ground);
}

function judgeClause(clause: Clause, ground: FilterGround): void {
  const { property, operator } = clause;
  const types = typeProperties(ground.type);
  demandProperty(property, ground, types);
  if (types.fields.get(property) === true) throw incompatible('Collection', clause);
  demandKinds(clause, types);
  if (operator === 'in') refuseTooMany(clause.literals.length);
  demandOperator(property, operator, ground);
  if (clause.literals.some((literal) => literal.kind === 'null')) demandNulls(property, ground);
}

function judgeAny({ property, inner }: { property: string; inner?: FilterTree }, ground: FilterGround): void {
  const types = typeProperties(ground.type);
  demandProperty(property, ground, types);
  if (types.fields.get(property) === false) {
    throw malformed('Invalid filter clause: Any/All may only be used following a collection.');
  }
  if (inner === undefined) return demandOperator(property, 'ne', ground);
  for (const operator of operatorsIn(inner)) demandOperator(property, operator, ground);
  if (negates(inner) && !ground.isAdvanced) throw unsupportedQuery();
}

function judgeCount(property: string, ground: FilterGround): void {
  demandProperty(property, ground, typeProperties(ground.type));
  if (ground.rules[property]?.counts !== true) throw unsupportedClause(property, ground);
  if (!ground.isAdvanced) throw unsupportedQuery();
}

function demandProperty(property: string, { type, rules }: FilterGround, { fields }: TypeProperties): void {
  const [first = ''] = property.split('/');
  if (fields.size === 0 || fields.has(first) || property in rules) return;
  throw malformed(
    `Invalid filter clause: Could not find a property named '${first}' on type 'microsoft.graph.${type}'.`,
  );
}

function demandOperator(property: string, operator: FilterOperator, ground: FilterGround): void {
  const rule = ground.rules[property];
  if (rule === undefined) throw notFilterable(property, ground);
  if (rule.basic.includes(operator)) return;
  if (rule.advanced?.includes(operator) !== true) throw unsupportedClause(property, ground);
  if (!ground.isAdvanced) throw unsupportedQuery();
}

function demandNulls(property: string, ground: FilterGround): void {
  const nulls = ground.rules[property]?.nulls;
  if (nulls === 'never') throw unsupportedClause(property, ground);
  if (nulls === 'advanced' && !ground.isAdvanced) throw unsupportedQuery();
}

function demandKinds(clause: Clause, { kinds }: TypeProperties): void {
  const expected = kinds.get(clause.property);
  if (expected === undefined) return;
  const stray = clause.literals.find(({ kind }) => kind !== 'null' && kind !== expected);
  if (stray !== undefined) throw incompatible(expected, clause);
}

const operatorKinds: Readonly<Record<FilterOperator, string>> = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
  in: 'In',
  startsWith: 'StartsWith',
  endsWith: 'EndsWith',
  contains: 'Contains',
};

const incompatible = (expected: string, { operator, literals }: Clause): GraphError =>
  malformed(
    `Invalid filter clause: A binary operator with incompatible types was detected. Found operand types 'Edm.${expected}' and 'Edm.${literals[0]?.kind ?? 'String'}' for operator kind '${operatorKinds[operator]}'.`,
  );

const notFilterable = (property: string, ground: FilterGround): GraphError =>
  ground.isAdvanced
    ? unsupportedQuery('The request uses a filter property that is not indexed')
    : unsupportedClause(property, ground);

const unsupportedClause = (property: string, { resource }: FilterGround): GraphError =>
  unsupportedQuery(
    `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`,
  );

function refuseTooMany(count: number): void {
  if (count <= mostAlternatives) return;
  throw unsupportedQuery(
    `Too many child clauses specified in search filter expression containing 'OR' operators: ${count}. Max allowed: ${mostAlternatives}.`,
  );
}

function operatorsIn(tree: FilterTree): FilterOperator[] {
  if (tree.kind === 'clause') return [tree.operator];
  if (tree.kind === 'not') return operatorsIn(tree.inner);
  return tree.kind === 'and' || tree.kind === 'or' ? tree.parts.flatMap(operatorsIn) : [];
}

function negates(tree: FilterTree): boolean {
  if (tree.kind === 'not') return true;
  return (tree.kind === 'and' || tree.kind === 'or') && tree.parts.some(negates);
}
