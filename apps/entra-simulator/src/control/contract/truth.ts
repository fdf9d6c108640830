import type { PimSettings, RolePolicySpec, TrueSchedule } from './pim.js';
import type { DomainSpec, Lags, PassPolicy, Switches } from './tenant.js';
import type { MethodKind } from './method-kind.js';

export type { MethodKind };

export interface TrueRole {
  assignmentId: string;
  id: string;
  name: string;
  /** Only where it is narrower than the tenant. */
  directoryScopeId?: string;
}
export interface TrueMethod {
  id: string;
  kind: MethodKind;
}
export interface TruePass {
  id: string;
  startDateTime: string;
  expiresAt: string;
  isUsableOnce: boolean;
  isUsable: boolean;
}
export interface TrueUser {
  id: string;
  userPrincipalName: string;
  displayName: string | null;
  accountEnabled: boolean;
  employeeId: string | null;
  extensionAttribute15: string | null;
  lastPasswordChangeDateTime: string | null;
  signInSessionsValidFromDateTime: string | null;
  roles: TrueRole[];
  groups: { id: string; name: string }[];
  methods: TrueMethod[];
  passes: TruePass[];
  licences: { skuId: string; skuPartNumber: string }[];
  /** Assignments by Privileged Identity Management that have not ended, and eligibilities. */
  schedules: TrueSchedule[];
}
export interface TrueGroup {
  id: string;
  displayName: string;
  isAssignableToRole: boolean;
  dynamic: boolean;
  mailEnabled: boolean;
  onPremises: boolean;
  members: string[];
}
export interface TrueUnit {
  id: string;
  displayName: string;
  isMemberManagementRestricted: boolean;
  members: string[];
  scopedRoles: (TrueRole & { principalId: string })[];
}
export interface TrueApp {
  clientId: string;
  servicePrincipalId: string;
  displayName: string;
  permissions: string[];
  directoryRoles: TrueRole[];
  disabled: boolean;
  consented: boolean;
}

/** The write store of a tenant: no lag, no secrets. */
export interface TenantTruth {
  tenantId: string;
  displayName: string;
  licence: 'free' | 'P1' | 'P2';
  domains: Required<DomainSpec>[];
  apps: TrueApp[];
  groups: TrueGroup[];
  users: TrueUser[];
  administrativeUnits: TrueUnit[];
  deletedGroups: { id: string; displayName: string; deletedDateTime: string }[];
  deletedUsers: { id: string; userPrincipalName: string; deletedDateTime: string }[];
  passPolicy: PassPolicy;
  lags: Lags;
  throttling: boolean;
  switches: Switches;
  pim: PimSettings;
  rolePolicies: RolePolicySpec[];
}
