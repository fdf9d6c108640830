import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { CreateCustomer } from '#core/tenancy';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { Connecting } from './connecting.js';
import { CustomerReader } from './customer-reader.js';
import {
  ownConnectionOf,
  presentConnection,
  presentCustomer,
  sharedConnectionOf,
} from './present-customer.js';

@Controller()
export class CustomersController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly create: CreateCustomer,
    private readonly connect: Connecting,
  ) {}

  @Endpoint(routes.createCustomer)
  async createCustomer({ actor, body, idempotency }: CallOf<typeof routes.createCustomer>) {
    const by = { organizationId: actor.organizationId, actor: auditActor(actor), idempotency };
    return presentCustomer(await this.create.execute({ ...by, name: body.name }));
  }

  @Endpoint(routes.listCustomers)
  async listCustomers({ actor, query }: CallOf<typeof routes.listCustomers>) {
    const customers = await this.customers.page(actor, query);
    return pageOf(customers, { limit: query.limit, present: presentCustomer, cursor: ({ id }) => id });
  }

  @Endpoint(routes.getCustomer)
  async getCustomer({ actor, params }: CallOf<typeof routes.getCustomer>) {
    return presentCustomer(await this.customers.one(actor, params.id));
  }

  @Endpoint(routes.connectCustomer)
  async connectCustomer({ actor, params, body }: CallOf<typeof routes.connectCustomer>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:write');
    const by = { organizationId: actor.organizationId, customerId, actor: auditActor(actor) };
    return presentConnection(
      body.app === 'own'
        ? await this.connect.own.execute({ ...by, ...ownConnectionOf(body) })
        : await this.connect.shared.execute({ ...by, ...sharedConnectionOf(body) }),
    );
  }

  @Endpoint(routes.getEntraConnection)
  async getEntraConnection({ actor, params }: CallOf<typeof routes.getEntraConnection>) {
    return presentConnection(await this.customers.connection(actor, params.id));
  }
}
