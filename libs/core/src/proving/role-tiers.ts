import { idOf, type RoleId } from '#core/shared';

/**
 * Who may disable somebody who holds a role. `limited`: holders of Microsoft's harmless roles, whom a User Administrator
 * may disable as well. `admin`: everybody else who holds one, custom roles included.
 * Source: graph/api/resources/users, "Who can perform sensitive actions".
 */
export type RoleTier = 'limited' | 'admin';

const LIMITED: ReadonlySet<string> = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
  'fdd7a751-b60b-444a-984c-02652fe8fa1c', // Groups Administrator
  '95e79109-95c0-4d8e-aee3-d01accf2d47b', // Guest Inviter
  '729827e3-9c14-49f7-bb1b-9608f156bbb8', // Helpdesk Administrator
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '966707d0-3269-4727-9be2-8c3a10f19b9d', // Password Administrator
  '4a5d8f65-41da-4de4-8968-e035b65339cf', // Reports Reader
  '75934031-6c7e-415a-99d7-48dbd49e875e', // Usage Summary Reports Reader
  'fe930be7-5e62-47db-91af-98c3a49a38b1', // User Administrator
  '27460883-1df1-4691-b032-3b79643e5e63', // User Experience Success Manager
]);

/** In a smaller scope than the tenant (`role@/scope`) it is the same role. */
export const tierOf = (role: RoleId): RoleTier =>
  LIMITED.has(role.split('@', 1)[0] ?? role) ? 'limited' : 'admin';

/** Of the roles that something gives. */
export const tiersOf = (roles: readonly RoleId[]): readonly RoleTier[] => {
  const found = new Set(roles.map(tierOf));
  return ROLE_TIERS.filter((tier) => found.has(tier));
};

export const ROLE_TIERS = ['limited', 'admin'] as const satisfies readonly RoleTier[];

/** By which a tier is proven: of its roles one that may read, and nothing else. */
export const PROVING_ROLE: Readonly<Record<RoleTier, RoleId>> = {
  limited: idOf('88d8e3e3-8f55-4a1e-953a-9b9898b8876b'), // Directory Readers
  admin: idOf('f2ef992c-3afb-46b9-b7cf-a126ee74c451'), // Global Reader
};

export const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = '7be44c8a-adaf-4e2a-84d6-ab2649e08a13';
export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
export const USER_ADMINISTRATOR = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
