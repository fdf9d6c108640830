import { malformed } from '../errors.js';

export type TokenKind = 'text' | 'date' | 'guid' | 'number' | 'word' | 'sign' | 'end';
export interface Token {
  readonly kind: TokenKind;
  /** Of a text: without its quotes, doubled ones made single. */
  readonly value: string;
  readonly at: number;
}

const longestFilter = 8192;

/** In this order: a date has colons and dashes, and a GUID may begin like a number. */
const forms: readonly [TokenKind, RegExp][] = [
  ['text', /'((?:[^']|'')*)'/y],
  ['date', /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w-])/iy],
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/iy],
  ['number', /-?\d+(?:\.\d+)?(?![\w-])/y],
  ['word', /[$A-Za-z_][\w$.]*/y],
  ['sign', /[(),:/]/y],
];

export function tokensOf(text: string): Token[] {
  if (text.length > longestFilter) throw malformed('Invalid filter clause: the expression is too long.');
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token.token);
    at = token.next;
  }
  return [...tokens, { kind: 'end', value: '', at }];
}

function tokenAt(text: string, at: number): { token: Token; next: number } {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const found = form.exec(text);
    if (found === null) continue;
    const value = kind === 'text' ? found[1]!.replaceAll("''", "'") : found[0];
    return { token: { kind, value, at }, next: form.lastIndex };
  }
  if (text[at] === "'") {
    throw malformed(
      `Invalid filter clause: There is an unterminated string literal at position ${text.length} in '${text}'.`,
    );
  }
  throw malformed(
    `Invalid filter clause: Syntax error: character '${text[at]!}' is not valid at position ${at} in '${text}'.`,
  );
}
