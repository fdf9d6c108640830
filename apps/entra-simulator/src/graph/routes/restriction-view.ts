import { isRestricted } from '../../access/unit-roles.js';
import type { GraphContext } from '../context.js';
import type { Reader } from '../select.js';

/** Adds to a user or group whether a restricted unit has it as a member; null for no, as Graph puts it. */
export const readingRestriction =
  <T extends { readonly id: string }>({ tenant, view }: GraphContext, readerOf: (item: T) => Reader) =>
  (item: T): Reader => {
    const read = readerOf(item);
    return (property) =>
      property === 'isManagementRestricted' ? isRestricted(tenant, item.id, view) || null : read(property);
  };
