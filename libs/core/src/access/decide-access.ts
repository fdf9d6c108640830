import { aboveCeiling, isLive, openness, underCeiling, type Entitlement, type Grant } from '#core/grants';
import { identityErrors, type IdentityStores, type Technician } from '#core/identity';
import {
  HOUR,
  MINUTE,
  SECOND,
  type CustomerId,
  type Instant,
  type PolicyId,
  type TechnicianId,
} from '#core/shared';
import {
  refusesCredential,
  type Customer,
  type EntraConnection,
  type Organization,
  type TenancyStores,
} from '#core/tenancy';
import type { AccessPolicy } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import type { AccessStores } from './stores.js';
import { overrideOf } from './effective-policies.js';
import { fitsTicket } from './ticket-pattern.js';
import { SHORTEST_SECONDS } from './usable-terms.js';

/** What is asked for. */
export interface AskedAccess {
  readonly technicianId: TechnicianId;
  readonly customerId: CustomerId;
  readonly policyId: PolicyId;
  readonly durationSeconds: number | null;
  readonly startsAt: Instant | null;
  readonly reason: string | null;
  readonly ticket: string | null;
}

/** What may be given for it, and everything that this was decided from. */
export interface DecidedAccess {
  readonly organization: Organization;
  readonly technician: Technician;
  readonly customer: Customer;
  readonly connection: EntraConnection;
  readonly policy: AccessPolicy;
  /** What the policy gives, as far as the organization's ceiling lets it. */
  readonly gives: Entitlement;
  readonly durationSeconds: number;
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
  /** How far it may be extended. */
  readonly latestExpiresAt: Instant;
  readonly now: Instant;
}

const FURTHEST_START_MS = 30 * 24 * HOUR;
/** A caller's clock may be behind ours: a start so little in the past means "at once". */
const CLOCK_DIFFERENCE_MS = MINUTE;

/**
 * Holds a wish against policy, customer and tenant. Throws the first reason why not. What it stands on stays as it is until
 * the transaction ends: whoever takes it away comes before, and is seen, or after, and sees the grant.
 */
export const decideAccess = async (
  stores: AccessStores & IdentityStores & TenancyStores,
  asked: AskedAccess,
  now: Instant,
): Promise<DecidedAccess> => {
  const parties = await readParties(stores, asked);
  const policy = await readPolicy(stores, asked);
  await requireEntitled(stores, asked, policy);
  const gives = await givenUnderCeiling(stores, policy);
  const connection = await stores.connections.ofCustomer(asked.customerId);
  if (connection === null) throw accessErrors.refuse('customer.not_connected');
  if (connection.state !== 'active') throw accessErrors.refuse('entra_connection.removing');
  if (refusesCredential(await stores.customers.throttles(asked.customerId), now))
    throw accessErrors.refuse('customer.credential_refused');
  if (policy.credential !== 'password' && connection.capabilities.pass === null)
    throw accessErrors.refuse('access_policy.pass_unavailable');
  requireFields(asked, policy);
  return { ...parties, policy, gives, connection, ...timesOf(asked, policy, now), now };
};

/** A live grant of the same policy in the same time: asking again would give nothing more. */
export const overlapping = (
  grants: readonly Grant[],
  { policy, startsAt, expiresAt, now }: DecidedAccess,
): Grant | null =>
  grants.find(
    (grant) =>
      grant.policyId === policy.id &&
      isLive(grant, now) &&
      grant.startsAt < expiresAt &&
      startsAt < grant.expiresAt,
  ) ?? null;

const readParties = async (
  stores: IdentityStores & TenancyStores,
  asked: AskedAccess,
): Promise<Pick<DecidedAccess, 'organization' | 'technician' | 'customer'>> => {
  const organization = await stores.organizations.get();
  if (organization === null) throw identityErrors.refuse('organization.not_found');
  const technician = await stores.technicians.steady(asked.technicianId);
  if (technician === null || technician.state !== 'active')
    throw identityErrors.refuse('technician.not_found');
  const customer = await stores.customers.steady(asked.customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  return { organization, technician, customer };
};

const readPolicy = async (stores: AccessStores, asked: AskedAccess): Promise<AccessPolicy> => {
  const policy = await stores.policies.steady(asked.policyId);
  if (policy === null) throw accessErrors.refuse('access_policy.not_found');
  if (policy.customerId !== null && policy.customerId !== asked.customerId)
    throw accessErrors.refuse('access_policy.other_customer');
  if (policy.state !== 'active') throw accessErrors.refuse('access_policy.archived');
  const override = overrideOf(policy, await stores.policies.inUseAt(asked.customerId));
  if (override !== null)
    throw accessErrors.refuse('access_policy.overridden', { policyId: override.id, name: override.name });
  return policy;
};

const givenUnderCeiling = async (
  { organizations }: TenancyStores,
  policy: AccessPolicy,
): Promise<Entitlement> => {
  const ceiling = await organizations.roleCeiling();
  const gives = underCeiling(policy.gives, ceiling.roles);
  if (gives.roles.length + gives.groups.length === 0)
    throw accessErrors.refuse('access_policy.withheld', {
      roles: aboveCeiling(policy.gives.roles, ceiling.roles),
    });
  return gives;
};

const requireEntitled = async (
  { groups }: IdentityStores,
  { technicianId }: AskedAccess,
  { technicianGroups }: AccessPolicy,
): Promise<void> => {
  if (technicianGroups.length === 0) return;
  const entitling = await groups.steady(technicianGroups);
  const own = await groups.ofTechnician(technicianId);
  if (!entitling.some((id) => own.includes(id))) throw accessErrors.refuse('access_policy.not_entitled');
};

const timesOf = (
  asked: AskedAccess,
  policy: AccessPolicy,
  now: Instant,
): Pick<DecidedAccess, 'durationSeconds' | 'startsAt' | 'expiresAt' | 'latestExpiresAt'> => {
  requireDuration(asked, policy);
  const startsAt = startOf(asked, now);
  const closesAt = closingAfter(startsAt, policy);
  const leftSeconds = Math.floor((closesAt - startsAt) / SECOND);
  // What is named is given or refused; what is left to the policy ends with its hours.
  const durationSeconds = asked.durationSeconds ?? Math.min(policy.defaultDurationSeconds, leftSeconds);
  if (durationSeconds > leftSeconds)
    throw accessErrors.refuse('access_request.beyond_hours', {
      maximumSeconds: leftSeconds,
      closesAt: iso(closesAt),
    });
  const latest = startsAt + policy.maximumDurationSeconds * SECOND;
  return {
    durationSeconds,
    startsAt,
    expiresAt: startsAt + durationSeconds * SECOND,
    latestExpiresAt: Math.min(latest, closesAt),
  };
};

const requireDuration = ({ durationSeconds: seconds }: AskedAccess, policy: AccessPolicy): void => {
  const { maximumDurationSeconds: maximumSeconds } = policy;
  if (seconds === null) return;
  if (seconds < SHORTEST_SECONDS)
    throw accessErrors.refuse('access_request.duration_too_short', { minimumSeconds: SHORTEST_SECONDS });
  if (seconds > maximumSeconds)
    throw accessErrors.refuse('access_request.duration_too_long', { maximumSeconds });
};

/** When the hours in which a grant begins are over. So few seconds before it nobody could do anything any more. */
const closingAfter = (startsAt: Instant, { allowedHours }: AccessPolicy): Instant => {
  const open = openness(allowedHours, startsAt);
  if (open.isOpen && open.until - startsAt >= SHORTEST_SECONDS * SECOND) return open.until;
  const next = open.isOpen ? openness(allowedHours, open.until) : open;
  const opensAt = next.isOpen ? null : next.opensAt;
  throw accessErrors.refuse('access_request.outside_hours', {
    timeZone: allowedHours?.timeZone ?? null,
    opensAt: opensAt === null ? null : iso(opensAt),
  });
};

const requireFields = (asked: AskedAccess, policy: AccessPolicy): void => {
  if (policy.reason === 'required' && isBlank(asked.reason))
    throw accessErrors.refuse('access_request.reason_required');
  if (policy.ticket === 'required' && isBlank(asked.ticket))
    throw accessErrors.refuse('access_request.ticket_required');
  const { ticketPatterns: patterns } = policy;
  if (asked.ticket !== null && !isBlank(asked.ticket) && !fitsTicket(asked.ticket, patterns))
    throw accessErrors.refuse('access_request.ticket_mismatch', { patterns });
};

const iso = (at: Instant): string => new Date(at).toISOString();

const isBlank = (text: string | null): boolean => text === null || text.trim() === '';

const startOf = ({ startsAt }: AskedAccess, now: Instant): Instant => {
  if (startsAt === null) return now;
  if (startsAt < now - CLOCK_DIFFERENCE_MS || startsAt > now + FURTHEST_START_MS)
    throw accessErrors.refuse('access_request.start_out_of_range');
  return Math.max(startsAt, now);
};
