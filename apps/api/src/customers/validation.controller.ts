import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { RunCanary, ValidateCustomer } from '#core/validating';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { CustomerReader } from './customer-reader.js';
import { presentTakeBack } from './present-take-back.js';
import { presentValidation } from './present-validation.js';

@Controller()
export class ValidationController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly validate: ValidateCustomer,
    private readonly canary: RunCanary,
  ) {}

  @Endpoint(routes.validateCustomer)
  async validateCustomer({ actor, params }: CallOf<typeof routes.validateCustomer>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:validate');
    const { organizationId } = actor;
    return presentValidation(
      await this.validate.execute({ organizationId, customerId, actor: auditActor(actor) }),
    );
  }

  @Endpoint(routes.getValidation)
  async getValidation({ actor, params }: CallOf<typeof routes.getValidation>) {
    return presentValidation(await this.customers.validation(actor, params.id));
  }

  @Endpoint(routes.runCanary)
  async runCanary({ actor, params, body }: CallOf<typeof routes.runCanary>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:validate');
    const { organizationId } = actor;
    const tiers = body.tiers ?? null;
    return presentTakeBack(
      await this.canary.execute({ organizationId, customerId, tiers, actor: auditActor(actor) }),
    );
  }

  @Endpoint(routes.getTakeBack)
  async getTakeBack({ actor, params }: CallOf<typeof routes.getTakeBack>) {
    return presentTakeBack(await this.customers.takeBack(actor, params.id));
  }
}
