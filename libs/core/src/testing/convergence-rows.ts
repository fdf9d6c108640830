import { HOLDS_NOTHING, NO_DRIFT, type ManagedAccount } from '../accounts/index.js';
import type { Entitlement, Grant, GrantCredential } from '../grants/index.js';
import { idOf, type CustomerId, type GroupId, type OrganizationId, type RoleId } from '../shared/index.js';

/** What a grant in a test says only where it matters. */
export interface GrantWish {
  readonly technician?: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly credential?: GrantCredential;
  readonly endAction?: Grant['endAction'];
  readonly startsInMs?: number;
  readonly lastsMs?: number;
}

export const READER: RoleId = idOf('88d8e3e3-8f55-4a1e-953a-9b9898b8876b');
export const GLOBAL_ADMIN: RoleId = idOf('62e90394-69f5-4237-9190-012177145e10');
export const HELPDESK: GroupId = idOf('group-helpdesk');
export const EXCHANGE: GroupId = idOf('group-exchange');

export const TENANT = 'contoso';
export const ORGANIZATION: OrganizationId = idOf('00000000-0000-7000-8000-000000000001');
export const CUSTOMER: CustomerId = idOf('00000000-0000-7000-8000-000000000002');

export const UNBEGUN = {
  state: 'scheduled',
  endReason: null,
  failure: null,
  activeAt: null,
  endingAt: null,
  takenAt: null,
  endedAt: null,
  proofs: [],
  reveals: 0,
  version: 1,
} as const;

export const entitlementOf = (wish: GrantWish): Entitlement => ({
  roles: (wish.roles ?? [READER]).map((id): RoleId => idOf(id)),
  groups: (wish.groups ?? [HELPDESK]).map((id): GroupId => idOf(id)),
});

export const newAccount = (
  of: Pick<ManagedAccount, 'id' | 'technicianId' | 'upn' | 'createdAt'>,
): ManagedAccount => ({
  ...of,
  organizationId: ORGANIZATION,
  customerId: CUSTOMER,
  kind: 'jit',
  displayName: `${of.upn} (Curfew)`,
  marker: '',
  objectId: null,
  mayHold: HOLDS_NOTHING,
  pristine: false,
  password: null,
  passwordGeneration: 0,
  verification: null,
  failure: null,
  drift: NO_DRIFT,
  own: null,
  retirement: null,
  removal: null,
  closedAt: null,
  leftBehindAt: null,
  dueAt: null,
  takeAt: null,
  lookAt: null,
  version: 1,
  epoch: 0,
  claimedUntil: null,
});
