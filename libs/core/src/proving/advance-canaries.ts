import type { AccountStores } from '#core/accounts';
import { CURFEW, type AuditStores } from '#core/audit';
import {
  SECOND,
  type Clock,
  type CustomerRef,
  type Instant,
  type JobQueue,
  type UnitOfWork,
} from '#core/shared';
import { decideCanary, type CanaryOutcome } from './decide-canary.js';
import { nextReread } from './reread-take-back.js';
import type { CanaryRun, ProvingStores, TakeBackProof } from './take-back.js';

type Stores = AccountStores & AuditStores & ProvingStores;

export interface AdvancePorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** Customers, at one look. */
const AT_ONCE = 50;
const AGAIN_MS = SECOND;

/**
 * Carries runs of canaries on, from their rows: whoever looks next goes on where the last one stopped, or died. What a look
 * decides is an intent on the canaries' rows; converge carries it out as it does any.
 */
export class AdvanceCanaries {
  constructor(private readonly ports: AdvancePorts) {}

  /** One look; a customer that fails is handed to `failed`, and looked at again the next time. */
  async execute(failed: (customer: CustomerRef, error: unknown) => void): Promise<void> {
    const { clock, unitOfWork } = this.ports;
    const due = await unitOfWork.clockwork.dueCanaries(clock.now(), AT_ONCE);
    for (const customer of due) {
      try {
        await this.advance(customer);
      } catch (error) {
        failed(customer, error);
      }
    }
  }

  private async advance({ organizationId, customerId }: CustomerRef): Promise<void> {
    const { clock, queue, unitOfWork } = this.ports;
    const now = clock.now();
    const isChanged = await unitOfWork.inOrganization(organizationId, async (stores) => {
      const proofs = await stores.takeBack.lock(customerId);
      let changed = false;
      for (const proof of proofs) changed = (await advanceOne(stores, proof, now)) || changed;
      return changed;
    });
    if (isChanged) await queue.ring({ name: 'customer.converge', organizationId, customerId });
  }
}

/** True: converge has something to do. */
const advanceOne = async (stores: Stores, proof: TakeBackProof, now: Instant): Promise<boolean> => {
  const { run, dueAt } = proof;
  if (run === null || dueAt === null || dueAt > now) return false;
  const accounts = await stores.accounts.ofIds(run.canaries.map(({ id }) => id));
  const { entitle, outcome } = decideCanary(run, accounts, now);
  for (const { id, own } of entitle) await stores.accounts.entitle(id, own, now);
  if (outcome === null) await stores.takeBack.save({ ...proof, dueAt: now + AGAIN_MS });
  else await conclude(stores, { proof, run, outcome }, now);
  return entitle.length > 0;
};

const conclude = async (
  { audit, takeBack }: Stores,
  of: { readonly proof: TakeBackProof; readonly run: CanaryRun; readonly outcome: CanaryOutcome },
  now: Instant,
): Promise<void> => {
  const { proof, run, outcome } = of;
  const { organizationId, customerId, tier } = proof;
  const cause = outcome.what === 'proven' ? null : outcome.cause;
  const done = { ...proof, run: null, dueAt: null };
  await takeBack.save(
    outcome.what === 'not_given'
      ? { ...done, cause: proof.cause ?? cause }
      : {
          ...done,
          ...{ verdict: outcome.what, at: now, app: run.app, cause },
          rereadAt: nextReread(customerId, now),
        },
  );
  await audit.append([
    {
      ...{ organizationId, customerId, at: now, actor: CURFEW },
      action: `take_back.${outcome.what}`,
      subject: { kind: 'customer', id: customerId },
      details: { tier, role: run.role, ...(cause === null ? {} : { code: cause.code, says: cause.says }) },
    },
  ]);
};
