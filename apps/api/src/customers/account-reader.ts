import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import type { AccountFilter, ManagedAccount } from '#core/accounts';
import type { Actor } from '#core/identity';
import { readRemoval, type Removal } from '#core/leaving';
import { idOf } from '#core/shared';
import type { Customer } from '#core/tenancy';

/** Our accounts in the tenants of the actor's customers. */
@Injectable()
export class AccountReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  page(
    actor: Actor,
    of: Pick<AccountFilter, 'customerId' | 'technicianId'>,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<readonly ManagedAccount[]> {
    const after = cursor === undefined ? null : idOf<'account'>(cursor);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ accounts }) =>
      accounts.list({ ...of, after, limit }),
    );
  }

  removal(customer: Customer): Promise<Removal> {
    return this.ports.unitOfWork.inOrganization(customer.organizationId, (stores) =>
      readRemoval(stores, customer),
    );
  }
}
