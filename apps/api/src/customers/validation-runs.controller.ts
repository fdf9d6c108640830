import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { idOf } from '#core/shared';
import { BeginValidationRun, CancelValidationRun } from '#core/validating';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { presentValidationLine, presentValidationRun } from './present-validation-run.js';
import { ValidationRunReader } from './validation-run-reader.js';

@Controller()
export class ValidationRunsController {
  constructor(
    private readonly runs: ValidationRunReader,
    private readonly begin: BeginValidationRun,
    private readonly cancel: CancelValidationRun,
  ) {}

  @Endpoint(routes.beginValidationRun)
  async beginValidationRun({ actor, body, idempotency }: CallOf<typeof routes.beginValidationRun>) {
    const customerIds = body.customerIds?.map((id) => idOf<'customer'>(id)) ?? null;
    const by = { organizationId: actor.organizationId, actor: auditActor(actor), idempotency };
    const { id } = await this.begin.execute({ ...by, customerIds });
    return presentValidationRun(await this.runs.progress(actor, id));
  }

  @Endpoint(routes.getValidationRun)
  async getValidationRun({ actor, params }: CallOf<typeof routes.getValidationRun>) {
    return presentValidationRun(await this.runs.progress(actor, params.id));
  }

  @Endpoint(routes.listValidationRunLines)
  async listValidationRunLines({ actor, params, query }: CallOf<typeof routes.listValidationRunLines>) {
    const lines = await this.runs.lines(actor, params.id, query);
    const { limit } = query;
    return pageOf(lines, { limit, present: presentValidationLine, cursor: ({ customerId }) => customerId });
  }

  @Endpoint(routes.cancelValidationRun)
  async cancelValidationRun({ actor, params }: CallOf<typeof routes.cancelValidationRun>) {
    const by = { organizationId: actor.organizationId, actor: auditActor(actor) };
    const { id } = await this.cancel.execute({ ...by, runId: idOf(params.id) });
    return presentValidationRun(await this.runs.progress(actor, id));
  }
}
