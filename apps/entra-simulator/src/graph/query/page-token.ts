import { createHash } from 'node:crypto';
import { asObject, isText } from '../../foundation/json.js';
import { GraphError, malformed } from '../errors.js';

/** How long a page link can be followed. [?] No document says; that it ends is seen ([I] msgraph-sdk-dotnet#2254). */
const pageTokenLivesMs = 60 * 60 * 1000;

/** Where a page begins. */
export interface PagePlace {
  /** So many items of the list lie before it. */
  readonly offset: number;
  /** The last item before it, to find the place again after the list has changed. */
  readonly after?: string;
}

/** What the token is valid for: a link is to be used whole, so another query cannot borrow its token. */
export interface PageGround {
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly now: number;
}

const prefix = 'RFNwdAIAAQAAAB';

export function writePageToken({ offset, after }: PagePlace, ground: PageGround): string {
  const content = {
    o: offset,
    q: digestOf(ground),
    t: ground.now,
    ...(after === undefined ? {} : { a: after }),
  };
  return `${prefix}${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
}

export function readPageToken(ground: PageGround): PagePlace {
  const token = ground.query.get('$skiptoken');
  if (token === undefined) return { offset: 0 };
  const { o, a, q, t } = contentOf(token);
  if (!Number.isInteger(o) || typeof t !== 'number' || q !== digestOf(ground)) throw invalid();
  if (ground.now - t > pageTokenLivesMs) {
    throw new GraphError(
      { status: 400, code: 'Directory_ExpiredPageToken' },
      'The specified page token value has expired and can no longer be included in your request.',
    );
  }
  return { offset: Math.max(0, o as number), ...(isText(a) ? { after: a } : {}) };
}

function contentOf(token: string): Record<string, unknown> {
  if (!token.startsWith(prefix)) throw invalid();
  try {
    return asObject(JSON.parse(Buffer.from(token.slice(prefix.length), 'base64url').toString('utf8')));
  } catch {
    throw invalid();
  }
}

/** [I] The text as seen; its code is empty there. */
const invalid = (): GraphError => malformed('Invalid Skip Token');

function digestOf({ path, query }: PageGround): string {
  const options = [...query].filter(([name]) => name !== '$skiptoken').sort();
  return createHash('sha1')
    .update(JSON.stringify([path, options]))
    .digest('base64url')
    .slice(0, 12);
}
