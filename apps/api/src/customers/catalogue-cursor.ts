import type { CataloguePlace } from '#core/access';
import { InvalidRequest } from '../http/invalid-request.js';

/** A place as a cursor. As JSON, which writes down half a character too, as names may hold. */
export const cursorOf = ({ name, id }: CataloguePlace): string =>
  Buffer.from(JSON.stringify([name, id])).toString('base64url');

/** The place that a cursor names; null: none was sent. Throws `InvalidRequest` for one that we never made. */
export const placeIn = (cursor: string | undefined): CataloguePlace | null => {
  if (cursor === undefined) return null;
  const place = placeOf(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (place === null)
    throw new InvalidRequest([{ path: 'query.cursor', reason: 'must be the nextCursor of a page' }]);
  return place;
};

const placeOf = (json: string): CataloguePlace | null => {
  try {
    const read: unknown = JSON.parse(json);
    const parts: readonly unknown[] = Array.isArray(read) ? read : [];
    const [name, id, ...more] = parts;
    return typeof name === 'string' && typeof id === 'string' && more.length === 0 ? { name, id } : null;
  } catch {
    return null;
  }
};
