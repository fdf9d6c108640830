import type { AccessPolicy } from '#core/access';
import {
  unitOf,
  type CatalogueList,
  type CatalogueRole,
  type DirectoryError,
  type Reading,
  type TenantInspection,
  type TenantSurvey,
} from '#core/accounts';
import type { TakeBackProof } from '#core/proving';
import type { Instant, RoleId, UnitId } from '#core/shared';
import type { EntraConnection, LineId, ValidateLine } from '#core/tenancy';
import { warn } from './line.js';

/** All that Validate's lines are judged from. */
export interface TenantFacts {
  readonly now: Instant;
  readonly connection: Pick<
    EntraConnection,
    'cloud' | 'tenantId' | 'clientId' | 'domain' | 'credentialKind' | 'credentialEndsAt' | 'capabilities'
  >;
  /** Those that count at this customer: without what its own ones stand in the place of. */
  readonly policies: readonly AccessPolicy[];
  /** What canaries have shown there. */
  readonly proofs: readonly TakeBackProof[];
  readonly inspection: Reading<TenantInspection>;
  readonly survey: Reading<TenantSurvey>;
  readonly roles: Reading<CatalogueList<CatalogueRole>>;
  /** By how much Graph's clock is ahead of the one by which access is given and ends; null: it did not tell. */
  readonly aheadMs: number | null;
}

/** What a line says of something that could not be asked. */
export const unread = (id: LineId, why: DirectoryError): ValidateLine =>
  warn(id, `Not checked: ${why.message}`, REMEDIES[why.reason] ?? 'Run Validate again later.');

const REMEDIES: Partial<Readonly<Record<DirectoryError['reason'], string>>> = {
  consent_missing:
    'Have an administrator of the customer consent to the permission that opens it, if you want it checked.',
  credential_bad: 'Mend the line of the token first.',
  throttled: 'Entra asks to wait: run Validate again in some minutes.',
  licence_missing: 'The tenant has no licence for it, so there is nothing to check.',
};

/** Each role that the policies give, without its scope, and the names of the policies that give it. */
export const rolesGiven = (policies: readonly AccessPolicy[]): ReadonlyMap<RoleId, readonly string[]> =>
  byGiven(policies.flatMap(({ name, gives }) => gives.roles.map((key) => [wholeRole(key), name] as const)));

/** Each group that the policies give, and the names of those that give it. */
export const groupsGiven = (
  policies: readonly AccessPolicy[],
): ReadonlyMap<AccessPolicy['gives']['groups'][number], readonly string[]> =>
  byGiven(policies.flatMap(({ name, gives }) => gives.groups.map((id) => [id, name] as const)));

/** Each administrative unit in which the policies give a role, and the names of those that do. */
export const unitsGiven = (policies: readonly AccessPolicy[]): ReadonlyMap<UnitId, readonly string[]> =>
  byGiven(
    policies.flatMap(({ name, gives }) =>
      gives.roles.map(unitOf).flatMap((unit) => (unit === null ? [] : [[unit, name] as const])),
    ),
  );

/** A role in a smaller scope than the tenant is written `role@/scope`. */
const wholeRole = (key: RoleId): RoleId => (key.split('@', 1)[0] ?? key) as RoleId;

const byGiven = <K>(pairs: readonly (readonly [K, string])[]): ReadonlyMap<K, readonly string[]> => {
  const found = new Map<K, readonly string[]>();
  for (const [key, name] of pairs) {
    const names = found.get(key) ?? [];
    found.set(key, names.includes(name) ? names : [...names, name]);
  }
  return found;
};
