import { RequestAccess, type AllStores } from '#core/access';
import type { AuditActor } from '#core/audit';
import { Converge, RevealCredentials, type ConvergencePorts } from '#core/convergence';
import {
  EndGrant,
  ExtendGrant,
  LiftHold,
  PullKillSwitch,
  type Grant,
  type Hold,
  type HoldScope,
} from '#core/grants';
import { ReinstateTechnician, SuspendTechnician } from '#core/leaving';
import {
  MINUTE,
  type CustomerId,
  type GrantId,
  type HoldId,
  type Instant,
  type OrganizationId,
  type PolicyId,
  type TechnicianId,
  type UnitOfWork,
} from '#core/shared';
import type { Promises } from '../oracle/promises.js';

/** What the API needs beside what every process has: each commit's result, at the moment of the commit. */
export type ApiPorts = Omit<ConvergencePorts, 'unitOfWork'> & {
  readonly unitOfWork: (committed: (result: unknown) => void) => UnitOfWork<AllStores>;
};

export interface Wish {
  readonly technicianId: TechnicianId;
  readonly customerId: CustomerId;
  readonly policyId: PolicyId;
  readonly durationSeconds: number;
  readonly startsAt: Instant | null;
  readonly key: string | null;
}

const ACTOR: AuditActor = { kind: 'technician', id: 'somebody', tokenId: null };

/**
 * What people ask of Curfew. What was promised is taken from each command's own answer at the instant of its commit: whoever
 * never heard the answer was promised it all the same.
 */
export class Api {
  constructor(
    private readonly organizationId: OrganizationId,
    private readonly ports: ApiPorts,
    private readonly of: { readonly promises: Promises; readonly now: () => Instant },
  ) {}

  async request({ key, ...wish }: Wish): Promise<void> {
    const idempotency = key === null ? null : { key, actorId: 'somebody', bodyDigest: JSON.stringify(wish) };
    const ports = this.within<{ readonly grant: Grant | null }>(({ grant }, at) => {
      if (grant !== null) this.of.promises.accept(grant, at);
    });
    await new RequestAccess(ports).execute({
      ...wish,
      ...{ organizationId: this.organizationId, reason: null, ticket: null, actor: ACTOR, idempotency },
    });
  }

  async extend(grantId: GrantId, expiresAt: Instant): Promise<void> {
    const ports = this.within<Grant>((grant, at) => this.of.promises.extend(grant.id, grant.expiresAt, at));
    await new ExtendGrant(ports).execute({ ...this.named(), grantId, expiresAt });
  }

  async end(grantId: GrantId): Promise<void> {
    const ports = this.within<Grant>((grant, at) => this.of.promises.end(grant.id, at));
    await new EndGrant(ports).execute({ ...this.named(), grantId, reason: 'ended_by_admin' });
  }

  async kill(scope: HoldScope): Promise<HoldId> {
    const ports = this.within<{ readonly hold: Hold }>(({ hold }, at) =>
      this.of.promises.kill(hold.scope, at),
    );
    const command = { ...this.named(), scope, reason: 'because', idempotency: null };
    return (await new PullKillSwitch(ports).execute(command)).id;
  }

  async lift(holdId: HoldId): Promise<void> {
    await new LiftHold(this.within(() => undefined)).execute({ ...this.named(), holdId });
  }

  async suspend(technicianId: TechnicianId): Promise<void> {
    const ports = this.within((_: unknown, at) => this.of.promises.suspend(technicianId, at));
    await new SuspendTechnician(ports).execute({ ...this.named(), technicianId, asRole: null });
  }

  async reinstate(technicianId: TechnicianId): Promise<void> {
    const ports = this.within(() => undefined);
    await new ReinstateTechnician(ports).execute({ ...this.named(), technicianId, asRole: null });
  }

  async reveal(grantId: GrantId, technicianId: TechnicianId): Promise<void> {
    const ports = this.within(() => undefined);
    const { organizationId } = this;
    await new RevealCredentials(ports, new Converge(ports)).execute({
      ...{ organizationId, grantId, technicianId, actor: ACTOR },
    });
  }

  private named(): { readonly organizationId: OrganizationId; readonly actor: AuditActor } {
    return { organizationId: this.organizationId, actor: ACTOR };
  }

  /** The ports of one command: the first transaction that it commits is its promise. */
  private within<Result>(promise: (result: Result, at: Instant) => void) {
    let isFirst = true;
    const unitOfWork = this.ports.unitOfWork((result) => {
      if (isFirst) promise(result as Result, this.of.now());
      isFirst = false;
    });
    return { ...this.ports, unitOfWork };
  }
}

/** The furthest that the model's policies let a grant go on. */
export const LONGEST_MS = 40 * MINUTE;
