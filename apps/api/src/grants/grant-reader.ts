import { Inject, Injectable } from '@nestjs/common';
import type { AllStores } from '#core/access';
import { PORTS, type Ports } from '#composition';
import { waitsForRole } from '#core/convergence';
import { grantErrors, type Grant, type GrantState } from '#core/grants';
import { seesAll, type Actor, type Permission } from '#core/identity';
import { idOf } from '#core/shared';
import { requireMay } from '../http/authorise.js';
import type { NamedGrant } from './present-grant.js';

interface GrantPage {
  readonly customerId?: string | undefined;
  readonly technicianId?: string | undefined;
  readonly state?: GrantState | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Grants as far as the actor may see them. */
@Injectable()
export class GrantReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** One that the actor may do this to. Throws `grant.not_found`, `permission.missing`. */
  one(actor: Actor, id: string, permission: Permission = 'grant:read'): Promise<NamedGrant> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async (stores) => {
      const notFound = grantErrors.refuse('grant.not_found');
      const grant = await stores.grants.get(idOf(id));
      if (grant === null) throw notFound;
      const subject = { organizationId: grant.organizationId, ownerId: grant.technicianId };
      requireMay(actor, { permission, read: 'grant:read', notFound }, subject);
      const [named] = await withNames(stores, [grant]);
      return named ?? { grant, upn: '', waitsForRole: false };
    });
  }

  page(actor: Actor, { customerId, technicianId, state, cursor, limit }: GrantPage): Promise<NamedGrant[]> {
    const owner = seesAll(actor.role, 'grant:read') ? technicianId : actor.technicianId;
    // Somebody else's, asked for by one who sees only their own: there is nothing to see.
    if (technicianId !== undefined && technicianId !== owner) return Promise.resolve([]);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async (stores) => {
      const grants = await stores.grants.list({
        ...(customerId === undefined ? {} : { customerId: idOf(customerId) }),
        ...(owner === undefined ? {} : { technicianId: idOf(owner) }),
        ...(state === undefined ? {} : { state }),
        after: cursor === undefined ? null : idOf(cursor),
        limit,
      });
      return withNames(stores, grants);
    });
  }
}

/** In one reading, however many accounts a page names. */
const withNames = async (stores: AllStores, grants: readonly Grant[]): Promise<NamedGrant[]> => {
  const named = await stores.accounts.ofIds([...new Set(grants.map(({ accountId }) => accountId))]);
  const accounts = new Map(named.map((account) => [account.id, account]));
  return grants.map((grant) => {
    const account = accounts.get(grant.accountId);
    return { grant, upn: account?.upn ?? '', waitsForRole: account !== undefined && waitsForRole(account) };
  });
};
