import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { CancelAccessRequest, RequestAccess } from '#core/access';
import { auditActor, endReason } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { AccessRequestReader } from './access-request-reader.js';
import { presentAccessRequest, wishOf } from './present-access-request.js';

@Controller()
export class AccessRequestsController {
  constructor(
    private readonly requests: AccessRequestReader,
    private readonly request: RequestAccess,
    private readonly cancel: CancelAccessRequest,
  ) {}

  @Endpoint(routes.requestAccess)
  async requestAccess({ actor, body, idempotency }: CallOf<typeof routes.requestAccess>) {
    const { organizationId, technicianId } = actor;
    const by = { organizationId, technicianId, actor: auditActor(actor), idempotency };
    return presentAccessRequest(await this.request.execute({ ...by, ...wishOf(body) }));
  }

  @Endpoint(routes.listAccessRequests)
  async listAccessRequests({ actor, query }: CallOf<typeof routes.listAccessRequests>) {
    const requests = await this.requests.page(actor, query);
    return pageOf(requests, { limit: query.limit, present: presentAccessRequest, cursor: ({ id }) => id });
  }

  @Endpoint(routes.getAccessRequest)
  async getAccessRequest({ actor, params }: CallOf<typeof routes.getAccessRequest>) {
    return presentAccessRequest(await this.requests.one(actor, params.id));
  }

  @Endpoint(routes.cancelAccessRequest)
  async cancelAccessRequest({ actor, params }: CallOf<typeof routes.cancelAccessRequest>) {
    const request = await this.requests.one(actor, params.id, 'access-request:cancel');
    const { organizationId, id: requestId, technicianId } = request;
    const reason = endReason(actor, technicianId);
    const command = { organizationId, requestId, reason, actor: auditActor(actor) };
    return presentAccessRequest(await this.cancel.execute(command));
  }
}
