import { DirectoryError, type CatalogueList } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import { MalformedAnswer } from '../answer-fields.js';
import { elementsOf, nextLinkOf } from '../answers.js';
import type { GraphAnswer, GraphRequest } from '../graph-answer.js';
import type { GraphClient } from '../graph-client.js';
import { unreadable } from './read-failure.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a reading works with. */
export interface ReadStage {
  readonly client: Pick<GraphClient, 'send' | 'pathOf'>;
  readonly app: EntraApp;
  /** Ends the time for all pages together. */
  readonly signal: AbortSignal;
  readonly failure: (answer: GraphAnswer) => DirectoryError;
}

/** One list and how its elements are read. */
export interface ListQuestion<T> {
  readonly path: string;
  readonly fromIndex?: boolean;
  /** Reads no more than so many. */
  readonly most: number;
  /** Null: not one of those that are wished. Throws `MalformedAnswer`. */
  readonly read: (fields: Fields) => T | null;
  readonly keyOf: (item: T) => string;
}

/** More than 25,000 elements on full pages; pages may be short or empty, and still go on. */
const MOST_PAGES = 60;

interface Page<T> {
  readonly items: readonly T[];
  /** Null: the last one. */
  readonly next: string | null;
}

/**
 * Reads a list page by page. A page that isn't answered is read once more by the client; one that then fails breaks the
 * list off, the first one throws.
 */
export const readList = async <T>(stage: ReadStage, question: ListQuestion<T>): Promise<CatalogueList<T>> => {
  // By key: pages of a list that grows meanwhile may overlap.
  const found = new Map<string, T>();
  let path: string | null = question.path;
  for (let page = 0; path !== null && page < MOST_PAGES; page += 1) {
    const read: Page<T> | DirectoryError = await pageAt(stage, question, path);
    if (read instanceof DirectoryError) {
      if (page === 0) throw read;
      return { items: [...found.values()], complete: false, brokenOff: read };
    }
    for (const item of read.items) found.set(question.keyOf(item), item);
    path = read.next;
    if (found.size >= question.most) break;
  }
  const items = [...found.values()].slice(0, question.most);
  return { items, complete: path === null && items.length === found.size, brokenOff: null };
};

const pageAt = async <T>(
  { client, app, signal, failure }: ReadStage,
  { fromIndex = false, read }: ListQuestion<T>,
  path: string,
): Promise<Page<T> | DirectoryError> => {
  const request: GraphRequest = { method: 'GET', path, priority: 'Low', fromIndex };
  const answer = await client.send(app, request, signal);
  if (answer.status !== 200) return failure(answer);
  try {
    const items = elementsOf(answer.body).flatMap((fields) => read(fields) ?? []) as readonly T[];
    const link = nextLinkOf(answer.body);
    const next = link === null ? null : client.pathOf(link);
    // A token for Graph goes nowhere else, and a list that leads back to itself never ends.
    const isAstray = link !== null && (next === null || next === path);
    return isAstray ? unreadable('The list goes on elsewhere, or leads back to itself.') : { items, next };
  } catch (error) {
    if (error instanceof MalformedAnswer) return unreadable(error.message);
    throw error;
  }
};
