import type { TakeBackProof } from '../proving/index.js';
import type { AccessPolicy } from '#core/access';
import { DirectoryError, type DirectoryErrorReason, type Reading, type TenantSurvey } from '#core/accounts';
import { HOUR, idOf } from '#core/shared';
import { FAKE_PASS_POLICY } from './fake-tenant-surveyor.js';

export const VALIDATED_AT = Date.UTC(2026, 4, 5, 9);
export const READERS = idOf<'entra role'>('88d8e3e3-8f55-4a1e-953a-9b9898b8876b');
export const GLOBAL_ADMIN = idOf<'entra role'>('62e90394-69f5-4237-9190-012177145e10');
const PAA = idOf<'entra role'>('7be44c8a-adaf-4e2a-84d6-ab2649e08a13');

export const known = <T>(value: T): Extract<Reading<T>, { readonly known: true }> => ({ known: true, value });

/** A question that was refused. */
export const refused = (
  reason: DirectoryErrorReason,
  facts: { readonly code?: string; readonly workload?: 'sign-in' | 'directory' } = {},
): { readonly known: false; readonly why: DirectoryError } => ({
  known: false,
  why: new DirectoryError(reason, 'The tenant said no.', {
    retry: 'later',
    workload: facts.workload ?? 'directory',
    status: 403,
    code: facts.code ?? null,
    retryAfterSeconds: null,
    requestId: null,
  }),
});

export const aPolicy = (changes: Partial<AccessPolicy> = {}): AccessPolicy => ({
  id: idOf('policy'),
  organizationId: idOf('organization'),
  customerId: idOf('customer'),
  name: 'Helpdesk',
  gives: { roles: [READERS], groups: [] },
  credential: 'pass',
  endAction: 'disable',
  defaultDurationSeconds: 600,
  maximumDurationSeconds: 3_600,
  reason: 'optional',
  ticket: 'optional',
  ticketPatterns: [],
  allowedHours: null,
  technicianGroups: [],
  state: 'active',
  version: 1,
  createdAt: VALIDATED_AT,
  ...changes,
});

/** A survey in which all is as it should be. */
export const aSurvey = (changes: Partial<TenantSurvey> = {}): TenantSurvey => ({
  graphAt: null,
  excessPermissions: [],
  licence: known('P2'),
  passPolicy: known(FAKE_PASS_POLICY),
  globalAdministrators: known(3),
  ownRoles: known([PAA]),
  stoppingPolicies: known([]),
  groups: new Map(),
  units: new Map(),
  ...changes,
});

const inspection = {
  tenantId: 'tenant',
  displayName: 'Contoso',
  permissions: [],
  missingPermissions: [],
  recommendedPermissions: [],
  domains: [
    { name: 'contoso.example', verified: true, managed: true },
    { name: 'fed.example', verified: true, managed: false },
    { name: 'new.example', verified: false, managed: true },
  ],
  capabilities: { mayTouchRoleHolders: true, pass: null, timedRoles: true },
  credentialEndsAt: null,
} as const;

const role = (id: typeof READERS, displayName: string) =>
  ({ id, templateId: id, displayName, builtIn: true, privileged: false }) as const;

/** All that Validate judges from, as it should be; typed by its use, since the feature that judges stands above. */
export const tenantFacts = () => ({
  now: VALIDATED_AT,
  connection: {
    cloud: 'global' as const,
    clientId: 'client',
    tenantId: 'tenant',
    domain: 'contoso.example',
    credentialKind: 'certificate' as const,
    credentialEndsAt: VALIDATED_AT + 200 * 24 * HOUR,
    capabilities: { mayTouchRoleHolders: true, pass: null, timedRoles: true },
  },
  proofs: [] as TakeBackProof[],
  policies: [aPolicy()],
  inspection: known(inspection),
  survey: known(aSurvey()),
  aheadMs: 200 as number | null,
  roles: known({
    items: [role(READERS, 'Directory Readers'), role(GLOBAL_ADMIN, 'Global Administrator')],
    complete: true,
    brokenOff: null,
  }),
});
