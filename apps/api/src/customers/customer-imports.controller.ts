import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { ImportCustomers } from '#core/tenancy';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { presentImport } from './present-import.js';
import { readCustomerList } from './read-customer-list.js';

@Controller()
export class CustomerImportsController {
  constructor(private readonly importing: ImportCustomers) {}

  @Endpoint(routes.importCustomers)
  async importCustomers({ actor, body, idempotency }: CallOf<typeof routes.importCustomers>) {
    const { csv, dryRun, allOrNothing } = body;
    const by = { organizationId: actor.organizationId, actor: auditActor(actor), idempotency };
    const lines = readCustomerList(csv);
    return presentImport(await this.importing.execute({ ...by, lines, dryRun, allOrNothing }));
  }
}
