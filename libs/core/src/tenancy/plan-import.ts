import type { CustomerId } from '#core/shared';
import type { Cloud } from './entra-connection.js';
import {
  judgeImportLine,
  nameKey,
  type AnnouncedCustomer,
  type ImportFault,
  type ListedCustomer,
} from './judge-import-line.js';

/** What is known of a customer that is there. */
export interface KnownCustomer {
  readonly id: CustomerId;
  readonly name: string;
  readonly cloud: Cloud;
  /** In which it is connected, or was announced to be; null: nobody said. */
  readonly tenantId: string | null;
}

/** What comes of one line. */
export type PlannedLine = { readonly line: number; readonly name: string | null } & (
  | { readonly is: 'new'; readonly customer: AnnouncedCustomer }
  | { readonly is: 'known'; readonly id: CustomerId }
  | { readonly is: 'wrong'; readonly fault: ImportFault; readonly sameAsLine?: number }
);

type Read = { readonly line: number } & (
  | { readonly customer: AnnouncedCustomer }
  | { readonly fault: ImportFault; readonly sameAsLine?: number; readonly name: string | null }
);

/** Each line for itself, in the order of the list: a later one that says the same as an earlier one is wrong. */
export const readLines = (lines: readonly ListedCustomer[]): readonly Read[] => {
  const seen = new Map<string, number>();
  return lines.map((listed): Read => {
    const { line } = listed;
    if ('fault' in listed) return { line, fault: listed.fault, name: null };
    const judged = judgeImportLine(listed.cells);
    if ('code' in judged) return { line, fault: judged, name: shortName(listed.cells.name) };
    const keys = keysOf(judged);
    const sameAsLine = keys.map((key) => seen.get(key)).find((earlier) => earlier !== undefined);
    if (sameAsLine === undefined) {
      for (const key of keys) seen.set(key, line);
      return { line, customer: judged };
    }
    return {
      line,
      sameAsLine,
      name: judged.name,
      fault: { code: 'customer_import.duplicate', column: null },
    };
  });
};

/**
 * Holds lines against the customers that are there. A tenant says for sure who is meant; where none is named, the name does.
 */
export const planLines = (
  lines: readonly Read[],
  known: readonly KnownCustomer[],
): readonly PlannedLine[] => {
  const byTenant = new Map(known.flatMap((each) => tenantKeys(each).map((key) => [key, each] as const)));
  const byName = new Map(known.map((each) => [nameKey(each.name), each] as const));
  return lines.map((read): PlannedLine => {
    const { line } = read;
    if ('fault' in read) return { ...read, is: 'wrong' };
    const { name, expected } = read.customer;
    const wanted = tenantKeys({ cloud: expected?.cloud ?? 'global', tenantId: expected?.tenantId ?? null });
    const inTenant = wanted.map((key) => byTenant.get(key)).find((each) => each !== undefined);
    if (inTenant !== undefined) return { line, name, is: 'known', id: inTenant.id };
    const named = byName.get(nameKey(name));
    if (named === undefined) return { line, name, is: 'new', customer: read.customer };
    // Neither is the tenant that the other names.
    if (wanted.length > 0 && named.tenantId !== null) return { line, name, is: 'wrong', fault: OTHER_TENANT };
    return { line, name, is: 'known', id: named.id };
  });
};

const OTHER_TENANT: ImportFault = { code: 'customer_import.other_tenant', column: 'tenantId' };
const MOST_SHOWN = 80;

const tenantKeys = ({ cloud, tenantId }: Pick<KnownCustomer, 'cloud' | 'tenantId'>): readonly string[] =>
  tenantId === null ? [] : [`${cloud} ${tenantId.toLowerCase()}`];

const keysOf = ({ name, expected }: AnnouncedCustomer): readonly string[] => [
  `name ${nameKey(name)}`,
  ...tenantKeys({ cloud: expected?.cloud ?? 'global', tenantId: expected?.tenantId ?? null }),
];

/** To find the line again by; of a name that can't be used only what can be shown. */
const shortName = (cell: string | undefined): string | null => {
  const shown = (cell ?? '').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '').trim();
  return shown === '' ? null : shown.slice(0, MOST_SHOWN);
};
