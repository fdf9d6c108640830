import { Controller, Inject } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { routes } from '#contracts';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { presentAuditEvent } from './present-audit-event.js';

@Controller()
export class AuditEventsController {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  @Endpoint(routes.listAuditEvents)
  async listAuditEvents({ actor, query }: CallOf<typeof routes.listAuditEvents>) {
    const { cursor, limit } = query;
    const events = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ audit }) =>
      audit.list({ before: cursor ?? null, limit }),
    );
    return pageOf(events, { limit, present: presentAuditEvent, cursor: ({ sequence }) => String(sequence) });
  }
}
