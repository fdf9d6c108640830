import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import { MOST_OPEN_GRANTS, requireNoHold, type Grant, type GrantStores } from '#core/grants';
import type { IdentityStores } from '#core/identity';
import { requireTakeBack, type ProvingStores } from '#core/proving';
import {
  DomainError,
  idOf,
  MINUTE,
  type AccountId,
  type Clock,
  type CustomerId,
  type IdempotencyStores,
  type Ids,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type PolicyId,
  type SecretBox,
  type TechnicianId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey, type TenancyStores } from '#core/tenancy';
import type { AccessRequest } from './access-request.js';
import { accessErrors } from './access.errors.js';
import { decideAccess, overlapping, type DecidedAccess } from './decide-access.js';
import { newAccount } from './new-account.js';
import type { AccessStores } from './stores.js';

export interface RequestAccessCommand {
  readonly organizationId: OrganizationId;
  readonly technicianId: TechnicianId;
  readonly customerId: CustomerId;
  readonly policyId: PolicyId;
  /** Null: the policy's default. */
  readonly durationSeconds: number | null;
  /** Null: at once. */
  readonly startsAt: Instant | null;
  readonly reason: string | null;
  readonly ticket: string | null;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

export type RequestAccessStores = AccessStores &
  AccountStores &
  AuditStores &
  GrantStores &
  IdempotencyStores &
  IdentityStores &
  ProvingStores &
  TenancyStores;

export interface RequestAccessPorts {
  readonly unitOfWork: UnitOfWork<RequestAccessStores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
}

/** A later start is armed by the worker's own pass over what comes up. */
const BELL_HORIZON_MS = 15 * MINUTE;

/**
 * Turns a wish into a grant, in one transaction: the request, the grant and the account's place in the clockwork are
 * there together or not at all. Nothing is sent to Entra from here. No policy asks for approval yet.
 */
export class RequestAccess {
  constructor(private readonly ports: RequestAccessPorts) {}

  /** Throws `access.held`, `deployment.restoring`, `access_policy.…`, `access_request.…`, `account.name_…`, `customer.…` (`.take_back_unproven` among them), `idempotency.key_reused`. */
  async execute(command: RequestAccessCommand): Promise<AccessRequest> {
    const asked = await this.ask(command);
    if (asked.grant !== null) await this.ring(asked.grant);
    return asked.request;
  }

  /** Two first requests at the same moment both want to make the account: the second one finds it. */
  private async ask(command: RequestAccessCommand): Promise<Asked> {
    try {
      return await this.askOnce(command);
    } catch (error) {
      const raced = error instanceof DomainError && error.code === 'account.exists';
      if (!raced) throw error;
      return this.askOnce(command);
    }
  }

  private askOnce(command: RequestAccessCommand): Promise<Asked> {
    const { ids, unitOfWork } = this.ports;
    const newId = ids.uuid();
    return unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const create = { operation: 'access_request.create', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      if (first) return this.write(stores, command, resourceId);
      const request = await stores.requests.get(idOf(resourceId));
      if (request === null) throw accessErrors.refuse('access_request.not_found');
      return { request, grant: null };
    });
  }

  private async write(
    stores: RequestAccessStores,
    command: RequestAccessCommand,
    requestId: string,
  ): Promise<Asked> {
    await stores.holds.shareWithGiving();
    const decided = await decideAccess(stores, command, this.ports.clock.now());
    await requireNoHold(stores.holds, command);
    const { connection: app, gives } = decided;
    await requireTakeBack(stores, { customerId: command.customerId, app, roles: gives.roles });
    const accountId = await this.takeAccount(stores, decided);
    await this.requireRoom(stores, accountId, decided);
    const grant = grantOf(decided, { accountId, requestId, id: this.ports.ids.uuid() });
    const request = requestOf(command, decided, grant);
    await stores.requests.insert(request);
    await stores.grants.insert(grant);
    await stores.audit.append(auditOf(command, request, grant));
    return { request, grant };
  }

  /** Counted under the account's lock: of many that ask at the same moment no more get in than there is room for. */
  private async requireRoom(
    { grants }: RequestAccessStores,
    accountId: AccountId,
    decided: DecidedAccess,
  ): Promise<void> {
    const others = (await grants.openOf([accountId])).map(({ grant }) => grant);
    const twin = overlapping(others, decided);
    if (twin !== null) throw accessErrors.refuse('access_request.duplicate', { grantId: twin.id });
    if (others.length >= MOST_OPEN_GRANTS)
      throw accessErrors.refuse('access_request.too_many_open', { maximum: MOST_OPEN_GRANTS });
  }

  /** The account's row is locked from here on, so whatever concerns it happens one after the other. */
  private async takeAccount(stores: RequestAccessStores, decided: DecidedAccess): Promise<AccountId> {
    const { customer, technician, startsAt, expiresAt } = decided;
    const known = await stores.accounts.ofTechnician(customer.id, technician.id);
    if (known === null) {
      const account = await newAccount(stores, decided, this.ports);
      await stores.accounts.insert(account);
      return account.id;
    }
    await stores.accounts.intend([known.id], { dueAt: startsAt, takeAt: expiresAt });
    await stores.accounts.keep(known.id);
    return known.id;
  }

  private async ring({ organizationId, customerId, startsAt }: Grant): Promise<void> {
    const now = this.ports.clock.now();
    const job = { name: 'customer.converge', organizationId, customerId } as const;
    if (startsAt <= now) await this.ports.queue.ring(job);
    else if (startsAt <= now + BELL_HORIZON_MS) await this.ports.queue.ring(job, startsAt);
  }
}

interface Asked {
  readonly request: AccessRequest;
  /** Null: it was made by an earlier request of the same key. */
  readonly grant: Grant | null;
}

const grantOf = (
  { customer, policy, gives, technician, startsAt, expiresAt, latestExpiresAt, now }: DecidedAccess,
  made: { readonly accountId: AccountId; readonly requestId: string; readonly id: string },
): Grant => ({
  id: idOf(made.id),
  organizationId: customer.organizationId,
  customerId: customer.id,
  technicianId: technician.id,
  accountId: made.accountId,
  requestId: idOf(made.requestId),
  policyId: policy.id,
  approved: gives,
  credential: policy.credential,
  endAction: policy.endAction,
  startsAt,
  expiresAt,
  latestExpiresAt,
  state: 'scheduled',
  endReason: null,
  failure: null,
  activeAt: null,
  endingAt: null,
  takenAt: null,
  endedAt: null,
  proofs: [],
  reveals: 0,
  version: 1,
  createdAt: now,
});

const requestOf = (
  command: RequestAccessCommand,
  { policy, durationSeconds, now }: DecidedAccess,
  grant: Grant,
): AccessRequest => ({
  id: grant.requestId,
  organizationId: command.organizationId,
  customerId: command.customerId,
  technicianId: command.technicianId,
  policyId: policy.id,
  policyVersion: policy.version,
  durationSeconds,
  startsAt: command.startsAt,
  reason: command.reason,
  ticket: command.ticket,
  state: 'approved',
  grantId: grant.id,
  createdAt: now,
});

const auditOf = (
  { actor }: RequestAccessCommand,
  request: AccessRequest,
  grant: Grant,
): readonly AuditEvent[] => {
  const { organizationId, customerId, createdAt: at } = grant;
  const common = { organizationId, customerId, at, actor };
  return [
    {
      ...common,
      action: 'access_request.requested',
      subject: { kind: 'access_request', id: request.id },
      details: {
        policyId: request.policyId,
        policyVersion: request.policyVersion,
        durationSeconds: request.durationSeconds,
        reason: request.reason,
        ticket: request.ticket,
      },
    },
    {
      ...common,
      action: 'grant.scheduled',
      subject: { kind: 'grant', id: grant.id },
      details: {
        accessRequestId: request.id,
        startsAt: new Date(grant.startsAt).toISOString(),
        expiresAt: new Date(grant.expiresAt).toISOString(),
        roles: grant.approved.roles,
        groups: grant.approved.groups,
      },
    },
  ];
};
