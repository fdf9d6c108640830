import { malformed } from '../errors.js';
import { tokensOf, type Token } from './filter-lexer.js';
import type { Comparison, FilterTree, Literal, TextTest } from './filter-tree.js';

const comparisons = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const textTests = new Map<string, TextTest>([
  ['startswith', 'startsWith'],
  ['endswith', 'endsWith'],
  ['contains', 'contains'],
]);
const deepest = 30;

/** A `$filter` as a tree; keywords are taken in any case, as Graph does. What is no filter at all is refused. */
export const parseFilter = (text: string): FilterTree => new FilterParser(text).parse();

class FilterParser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;
  /** The variable of the `any` that is being read. */
  private variable: string | undefined;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  parse(): FilterTree {
    const tree = this.either();
    if (this.token.kind !== 'end') throw this.unexpected();
    return tree;
  }

  private either(): FilterTree {
    return this.joined('or', () => this.joined('and', () => this.negated()));
  }

  private joined(kind: 'and' | 'or', part: () => FilterTree): FilterTree {
    const parts = [part()];
    while (this.takeWord(kind)) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  private negated(): FilterTree {
    if (++this.depth > deepest)
      throw malformed('Invalid filter clause: the recursion limit has been exceeded.');
    const tree: FilterTree = this.takeWord('not') ? { kind: 'not', inner: this.negated() } : this.primary();
    this.depth -= 1;
    return tree;
  }

  private primary(): FilterTree {
    if (this.takeSign('(')) {
      const inner = this.either();
      this.demandSign(')');
      return inner;
    }
    const { kind, value } = this.token;
    if (kind !== 'word') throw this.unexpected();
    const test = textTests.get(value.toLowerCase());
    return test !== undefined && this.tokens[this.next + 1]?.value === '('
      ? this.textTest(test)
      : this.clause();
  }

  private textTest(operator: TextTest): FilterTree {
    this.next += 1;
    this.demandSign('(');
    const property = this.path().join('/');
    this.demandSign(',');
    const literals = [this.literal()];
    this.demandSign(')');
    // `startsWith(a,'b') eq true` is the long form of the same.
    if (this.token.value.toLowerCase() === 'eq' && this.tokens[this.next + 1]?.value === 'true')
      this.next += 2;
    return { kind: 'clause', property, operator, literals };
  }

  private clause(): FilterTree {
    const path = this.path();
    const last = path.at(-1)!.toLowerCase();
    if (last === 'any' && this.token.value === '(') return this.lambda(path.slice(0, -1).join('/'));
    const operator = this.token.value.toLowerCase();
    if (operator === 'in') return this.membership(path.join('/'));
    if (this.token.kind !== 'word' || !comparisons.has(operator)) throw this.unexpected();
    this.next += 1;
    const literal = this.literal();
    if (last !== '$count') {
      return {
        kind: 'clause',
        property: path.join('/'),
        operator: operator as Comparison,
        literals: [literal],
      };
    }
    const property = path.slice(0, -1).join('/');
    return { kind: 'count', property, operator: operator as Comparison, value: Number(literal.value) };
  }

  private membership(property: string): FilterTree {
    this.next += 1;
    this.demandSign('(');
    const literals = [this.literal()];
    while (this.takeSign(',')) literals.push(this.literal());
    this.demandSign(')');
    return { kind: 'clause', property, operator: 'in', literals };
  }

  private lambda(property: string): FilterTree {
    this.demandSign('(');
    if (this.takeSign(')')) return { kind: 'any', property };
    const variable = this.token.value;
    this.next += 1;
    this.demandSign(':');
    const outer = this.variable;
    this.variable = variable;
    const inner = this.either();
    this.variable = outer;
    this.demandSign(')');
    return { kind: 'any', property, inner };
  }

  /** Inside `any` without its variable, so that the path is the member's own. */
  private path(): string[] {
    const names = [this.name()];
    while (this.takeSign('/')) names.push(this.name());
    if (this.variable === undefined) return names;
    if (names[0] !== this.variable) throw this.unexpected();
    return names.length === 1 ? [''] : names.slice(1);
  }

  private name(): string {
    const { kind, value } = this.token;
    if (kind !== 'word') throw this.unexpected();
    this.next += 1;
    return value;
  }

  private literal(): Literal {
    const token = this.token;
    this.next += 1;
    if (token.kind === 'text') return { kind: 'String', value: token.value };
    if (token.kind === 'date') return { kind: 'DateTimeOffset', value: token.value };
    if (token.kind === 'guid') return { kind: 'Guid', value: token.value };
    if (token.kind === 'number') return { kind: 'Number', value: Number(token.value) };
    const word = token.value.toLowerCase();
    if (word === 'null') return { kind: 'null', value: null };
    if (word === 'true' || word === 'false') return { kind: 'Boolean', value: word === 'true' };
    this.next -= 1;
    throw this.unexpected();
  }

  private get token(): Token {
    return this.tokens[Math.min(this.next, this.tokens.length - 1)]!;
  }

  private takeWord(word: string): boolean {
    const isThere = this.token.kind === 'word' && this.token.value.toLowerCase() === word;
    if (isThere) this.next += 1;
    return isThere;
  }

  private takeSign(sign: string): boolean {
    const isThere = this.token.kind === 'sign' && this.token.value === sign;
    if (isThere) this.next += 1;
    return isThere;
  }

  private demandSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected();
  }

  private unexpected() {
    const { at, kind } = this.token;
    const what = kind === 'end' ? 'Expression expected' : 'Syntax error';
    return malformed(`Invalid filter clause: ${what} at position ${at} in '${this.text}'.`);
  }
}
