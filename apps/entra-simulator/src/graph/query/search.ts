import { isText } from '../../foundation/json.js';
import { malformed, unsupportedQuery } from '../errors.js';
import type { Predicate } from './filter-match.js';
import type { Reader } from '../select.js';

/** Graph takes `displayName` and `description` apart into words; of any other property the beginning counts. */
const tokenised = new Set(['displayName', 'description']);

const clauseForm = /^\s*"((?:[^"\\]|\\.)*)"/;
const joinForm = /^\s+(AND|OR)\s+/;
const longestSearch = 2048;

/** A `$search` as a predicate: clauses in double quotes, joined by AND and OR, of which AND binds closer. */
export function searchPredicate(text: string, searchable: readonly string[]): Predicate {
  if (text.length > longestSearch) throw malformed('Invalid search clause: the expression is too long.');
  const alternatives: Predicate[][] = [[]];
  let rest = text;
  for (;;) {
    const found = clauseForm.exec(rest);
    if (found === null) throw syntaxError(text, text.length - rest.length);
    alternatives.at(-1)!.push(clausePredicate(found[1]!.replace(/\\(.)/g, '$1'), searchable));
    rest = rest.slice(found[0].length);
    const joined = joinForm.exec(rest);
    if (joined === null) break;
    if (joined[1] === 'OR') alternatives.push([]);
    rest = rest.slice(joined[0].length);
  }
  if (rest.trim() !== '') throw syntaxError(text, text.length - rest.length);
  return (read) => alternatives.some((parts) => parts.every((part) => part(read)));
}

function clausePredicate(clause: string, searchable: readonly string[]): Predicate {
  const colon = clause.indexOf(':');
  if (colon < 0) throw syntaxError(clause, 0);
  const property = clause.slice(0, colon);
  if (!searchable.includes(property)) throw unsupportedQuery();
  const wanted = clause
    .slice(colon + 1)
    .trim()
    .toLowerCase();
  if (!tokenised.has(property)) return (read) => textOf(read, property).toLowerCase().startsWith(wanted);
  const words = wordsIn(clause.slice(colon + 1));
  return (read) => {
    const there = wordsIn(textOf(read, property));
    return words.every((word) => there.some((one) => one.startsWith(word)));
  };
}

/** Words end at spaces, at symbols, between letters and digits, and where the case changes; each whole run counts too. */
function wordsIn(text: string): string[] {
  const runs = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const parts = runs.flatMap((run) => run.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|\p{L}/gu) ?? []);
  return [...new Set([...runs, ...parts].map((word) => word.toLowerCase()))];
}

function textOf(read: Reader, property: string): string {
  const value = read(property);
  return isText(value) ? value : '';
}

const syntaxError = (text: string, at: number) =>
  malformed(`Syntax error: character '${text[at] ?? ''}' is not valid at position ${at} in '${text}'.`);
