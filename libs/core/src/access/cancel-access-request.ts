import type { AuditActor, AuditEvent } from '#core/audit';
import {
  changeGrantWithin,
  retried,
  ringFor,
  transition,
  type ChangeGrantPorts,
  type ChangeGrantStores,
  type EndReason,
  type Grant,
  type GrantChange,
} from '#core/grants';
import type { Instant, OrganizationId, RequestId } from '#core/shared';
import type { AccessRequest } from './access-request.js';
import { accessErrors } from './access.errors.js';
import type { AccessStores } from './stores.js';

export interface CancelAccessRequestCommand {
  readonly organizationId: OrganizationId;
  readonly requestId: RequestId;
  readonly reason: Extract<EndReason, 'ended_by_technician' | 'ended_by_admin'>;
  readonly actor: AuditActor;
}

type CancelStores = AccessStores & ChangeGrantStores;

/** Takes a wish back before its grant has begun; afterwards the grant is to be ended. */
export class CancelAccessRequest {
  constructor(private readonly ports: ChangeGrantPorts<CancelStores>) {}

  /** Throws `access_request.not_found`, `access_request.not_cancellable`. */
  async execute(command: CancelAccessRequestCommand): Promise<AccessRequest> {
    const cancelled = await retried(() =>
      this.ports.unitOfWork.inOrganization(command.organizationId, (stores) => this.cancel(stores, command)),
    );
    if (cancelled.grant !== null) await ringFor(this.ports.queue, cancelled.grant);
    return cancelled.request;
  }

  private async cancel(
    stores: CancelStores,
    command: CancelAccessRequestCommand,
  ): Promise<{ readonly request: AccessRequest; readonly grant: Grant | null }> {
    const { clock } = this.ports;
    const request = await stores.requests.get(command.requestId);
    if (request === null) throw accessErrors.refuse('access_request.not_found');
    const { grantId } = request;
    const grant =
      grantId === null ? null : await changeGrantWithin({ stores, clock }, grantId, endUnstarted(command));
    const from = grant === null ? 'requested' : 'approved';
    if (!(await stores.requests.setState(request.id, from, 'cancelled')))
      throw accessErrors.refuse('access_request.not_cancellable', { state: request.state });
    await stores.audit.append([auditOf(request, command.actor, clock.now())]);
    return { request: { ...request, state: 'cancelled' }, grant };
  }
}

const endUnstarted =
  ({ actor, reason }: CancelAccessRequestCommand): GrantChange =>
  (grant, now) => {
    if (grant.state !== 'scheduled' || now >= grant.startsAt)
      throw accessErrors.refuse('access_request.not_cancellable', { grantState: grant.state });
    const ended = transition(grant, { what: 'end', reason }, { actor, now });
    return { grant: ended.grant, audit: [ended.audit] };
  };

const auditOf = (request: AccessRequest, actor: AuditActor, at: Instant): AuditEvent => ({
  organizationId: request.organizationId,
  at,
  actor,
  action: 'access_request.cancelled',
  subject: { kind: 'access_request', id: request.id },
  customerId: request.customerId,
  details: { grantId: request.grantId },
});
