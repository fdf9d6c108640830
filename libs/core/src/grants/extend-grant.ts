import type { AuditActor } from '#core/audit';
import type { GrantId, Instant, OrganizationId } from '#core/shared';
import { changeGrant, type ChangeGrantPorts, type GrantChange } from './change-grant.js';
import { grantErrors } from './grant.errors.js';
import { isLive, isRunning, type Grant } from './grant.js';

export interface ExtendGrantCommand {
  readonly organizationId: OrganizationId;
  readonly grantId: GrantId;
  readonly expiresAt: Instant;
  readonly actor: AuditActor;
}

/**
 * Moves a running grant's end later. One that runs out at the same moment is judged under its account's lock: either the
 * extension was first and the grant runs on, or the end was, and the extension is refused.
 */
export class ExtendGrant {
  constructor(private readonly ports: ChangeGrantPorts) {}

  /** Throws `grant.not_found`, `grant.already_ended`, `grant.not_started`, `grant.extension_…`. */
  execute(command: ExtendGrantCommand): Promise<Grant> {
    return changeGrant(this.ports, command, extend(command));
  }
}

const extend =
  ({ actor, expiresAt }: ExtendGrantCommand): GrantChange =>
  (grant, now) => {
    if (!isLive(grant, now)) throw grantErrors.refuse('grant.already_ended');
    if (!isRunning(grant, now))
      throw grantErrors.refuse('grant.not_started', { startsAt: iso(grant.startsAt) });
    if (expiresAt <= grant.expiresAt)
      throw grantErrors.refuse('grant.extension_not_later', { expiresAt: iso(grant.expiresAt) });
    if (expiresAt > grant.latestExpiresAt)
      throw grantErrors.refuse('grant.extension_too_long', { latestExpiresAt: iso(grant.latestExpiresAt) });
    return {
      grant: { ...grant, expiresAt },
      audit: [
        {
          organizationId: grant.organizationId,
          at: now,
          actor,
          action: 'grant.extended',
          subject: { kind: 'grant', id: grant.id },
          customerId: grant.customerId,
          details: { from: iso(grant.expiresAt), to: iso(expiresAt) },
        },
      ],
    };
  };

const iso = (at: Instant): string => new Date(at).toISOString();
