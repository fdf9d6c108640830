import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { CustomerHealthReader } from './customer-health-reader.js';
import { presentCustomerHealth } from './present-customer-health.js';

@Controller()
export class CustomerHealthController {
  constructor(private readonly health: CustomerHealthReader) {}

  @Endpoint(routes.listCustomerHealth)
  async listCustomerHealth({ actor, query }: CallOf<typeof routes.listCustomerHealth>) {
    const all = await this.health.page(actor, query);
    return pageOf(all, {
      limit: query.limit,
      present: presentCustomerHealth,
      cursor: ({ facts }) => facts.customer.id,
    });
  }

  @Endpoint(routes.getCustomerHealth)
  async getCustomerHealth({ actor, params }: CallOf<typeof routes.getCustomerHealth>) {
    return presentCustomerHealth(await this.health.one(actor, params.id));
  }
}
