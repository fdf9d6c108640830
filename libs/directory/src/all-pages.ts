import type { DirectoryError } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import { MalformedAnswer } from './answer-fields.js';
import { elementsOf, nextLinkOf } from './answers.js';
import type { GraphAnswer } from './graph-answer.js';
import type { GraphClient } from './graph-client.js';

interface PageStage {
  readonly client: Pick<GraphClient, 'send' | 'pathOf'>;
  readonly app: EntraApp;
  readonly signal: AbortSignal;
}

/** A tenant has some dozen domains or policies, but pages may be short or empty, and still go on. */
const MOST_PAGES = 20;

/**
 * The list whose first page this is, to its end: of a part of it nothing can be said. Null is an empty one. Throws what
 * `failure` makes of a page that is not answered, and `MalformedAnswer` for a list without an end.
 */
export const allPages = async (
  { client, app, signal }: PageStage,
  first: unknown,
  failure: (answer: GraphAnswer) => DirectoryError,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const elements = first === null ? [] : [...elementsOf(first)];
  let next = nextLinkOf(first);
  for (let page = 1; next !== null; page += 1) {
    const path = client.pathOf(next);
    if (path === null || page === MOST_PAGES)
      throw new MalformedAnswer('A list of the tenant goes on for too long, or leads elsewhere.');
    const answer = await client.send(app, { method: 'GET', path }, signal);
    if (answer.status !== 200) throw failure(answer);
    elements.push(...elementsOf(answer.body));
    next = nextLinkOf(answer.body);
  }
  return elements;
};
