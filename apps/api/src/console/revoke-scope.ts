import { accessErrors } from '#core/access';
import type { HoldScope } from '#core/grants';
import { identityErrors } from '#core/identity';
import { idOf, type CustomerId, type OrganizationId } from '#core/shared';
import type { Customer } from '#core/tenancy';
import type { Ports } from '#composition';
import { organizationOf, UsageError } from './arguments.js';

/** Whom somebody at the console wants to stop. */
export interface RevokeWish {
  readonly technician?: string;
  readonly customer?: string;
  readonly all?: boolean;
  readonly organization?: string;
}

/** The wish as Curfew knows it, and in words. */
export interface RevokeTarget {
  readonly organizationId: OrganizationId;
  readonly scope: HoldScope;
  readonly who: string;
}

const MOST_ORGANIZATIONS = 1_000;
const PAGE = 1_000;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Exactly one of the three. */
export const requireOneTarget = ({ technician, customer, all }: RevokeWish): void => {
  const given = [technician, customer, all].filter((each) => each !== undefined && each !== false);
  if (given.length !== 1)
    throw new UsageError('Say whom: --technician <username>, --customer <id or name>, or --all.');
};

/**
 * Whom it is about. Without --organization it is searched for everywhere, and found when it is there once.
 * Throws `organization.not_found`, `technician.not_found`, `customer.not_found`.
 */
export const targetOf = async (ports: Ports, wish: RevokeWish): Promise<RevokeTarget> => {
  const organizations =
    wish.organization === undefined
      ? await ports.unitOfWork.clockwork.organizations(MOST_ORGANIZATIONS)
      : [await organizationOf(ports, wish.organization)];
  const found: RevokeTarget[] = [];
  for (const organizationId of organizations) found.push(...(await within(ports, organizationId, wish)));
  const [target] = found;
  if (target === undefined) throw notFound(wish);
  if (found.length > 1) {
    const names = found.map(({ who }) => who).join('; ');
    throw new UsageError(`Say which, with --organization or the customer's id: ${names}.`);
  }
  return target;
};

const notFound = ({ technician, customer }: RevokeWish) => {
  if (technician !== undefined) return identityErrors.refuse('technician.not_found');
  return customer === undefined
    ? identityErrors.refuse('organization.not_found')
    : accessErrors.refuse('customer.not_found');
};

const within = (
  ports: Ports,
  organizationId: OrganizationId,
  { technician, customer }: RevokeWish,
): Promise<readonly RevokeTarget[]> =>
  ports.unitOfWork.inOrganization(organizationId, async ({ customers, organizations, technicians }) => {
    const slug = (await organizations.get())?.slug ?? organizationId;
    if (technician !== undefined) {
      const person = await technicians.byUsername(technician.toLowerCase());
      if (person === null) return [];
      const scope = { kind: 'technician', technicianId: person.id } as const;
      return [{ organizationId, scope, who: `technician ${person.username} of ${slug}` }];
    }
    if (customer === undefined)
      return [{ organizationId, scope: { kind: 'organization' }, who: `everybody of ${slug}` }];
    return (await customersCalled(customers, customer)).map(({ id, name }) => ({
      organizationId,
      scope: { kind: 'customer', customerId: id },
      who: `customer ${name} (${id}) of ${slug}`,
    }));
  });

const customersCalled = async (
  customers: {
    get(id: CustomerId): Promise<Customer | null>;
    list(page: { after: CustomerId | null; limit: number }): Promise<readonly Customer[]>;
  },
  wanted: string,
): Promise<readonly Customer[]> => {
  if (UUID.test(wanted)) {
    const customer = await customers.get(idOf(wanted.toLowerCase()));
    if (customer !== null) return [customer];
  }
  const called: Customer[] = [];
  for (let after: CustomerId | null = null; ;) {
    const page: readonly Customer[] = await customers.list({ after, limit: PAGE });
    called.push(...page.filter(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase()));
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return called;
  }
};
