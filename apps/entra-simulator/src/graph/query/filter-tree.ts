export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextTest = 'startsWith' | 'endsWith' | 'contains';

export type LiteralKind = 'String' | 'Boolean' | 'DateTimeOffset' | 'Guid' | 'Number' | 'null';
export interface Literal {
  readonly kind: LiteralKind;
  readonly value: string | number | boolean | null;
}

/** A test of one property; a path is `a`, `a/b`, and inside `any` the empty text for the member itself. */
export interface Clause {
  readonly kind: 'clause';
  readonly property: string;
  readonly operator: Comparison | TextTest | 'in';
  readonly literals: readonly Literal[];
}

export type FilterTree =
  | Clause
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly inner: FilterTree }
  /** `collection/any(x:…)`; without an inner test: the collection is not empty. */
  | { readonly kind: 'any'; readonly property: string; readonly inner?: FilterTree }
  /** `collection/$count eq 0` */
  | {
      readonly kind: 'count';
      readonly property: string;
      readonly operator: Comparison;
      readonly value: number;
    };
