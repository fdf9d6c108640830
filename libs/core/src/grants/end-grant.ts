import type { AuditActor } from '#core/audit';
import type { GrantId, OrganizationId } from '#core/shared';
import { changeGrant, type ChangeGrantPorts, type GrantChange } from './change-grant.js';
import { grantErrors } from './grant.errors.js';
import { transition } from './grant-lifecycle.js';
import { isFinal, type EndReason, type Grant } from './grant.js';

export interface EndGrantCommand {
  readonly organizationId: OrganizationId;
  readonly grantId: GrantId;
  /** As whom: the technician whose grant it is, or somebody who may end anybody's. */
  readonly reason: Extract<EndReason, 'ended_by_technician' | 'ended_by_admin'>;
  readonly actor: AuditActor;
}

/** Ends a grant before its time. What it gave is taken away by converge, which is rung at once. */
export class EndGrant {
  constructor(private readonly ports: ChangeGrantPorts) {}

  /** Throws `grant.not_found`, `grant.already_ended`. */
  execute(command: EndGrantCommand): Promise<Grant> {
    return changeGrant(this.ports, command, end(command));
  }
}

const end =
  ({ actor, reason }: EndGrantCommand): GrantChange =>
  (grant, now) => {
    if (grant.state === 'ending' || isFinal(grant)) throw grantErrors.refuse('grant.already_ended');
    const ended = transition(grant, { what: 'end', reason }, { actor, now });
    return { grant: ended.grant, audit: [ended.audit] };
  };
