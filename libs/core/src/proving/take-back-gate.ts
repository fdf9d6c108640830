import type { CustomerId, RoleId } from '#core/shared';
import { tiersOf, type RoleTier } from './role-tiers.js';
import { provingErrors } from './proving.errors.js';
import {
  verdictFor,
  type ProvenApp,
  type ProvingStores,
  type TakeBackCause,
  type TakeBackProof,
} from './take-back.js';

/** Whether roles may be given. `waits`: nobody knows yet, so nothing is given until a canary has shown it. */
type TakeBackDecision =
  | { readonly may: 'give' }
  | { readonly may: 'wait'; readonly tiers: readonly RoleTier[] }
  | { readonly may: 'not'; readonly tier: RoleTier; readonly cause: TakeBackCause | null };

/** What is proven, or not, decides, and nothing else: asked of a request and of every round alike. */
const decideTakeBack = (
  proofs: readonly TakeBackProof[],
  app: ProvenApp,
  roles: readonly RoleId[],
): TakeBackDecision => {
  const tiers = tiersOf(roles);
  for (const tier of tiers) {
    const verdict = verdictFor(proofs, tier, app);
    if (verdict === 'failed' || verdict === 'lost')
      return { may: 'not', tier, cause: proofs.find((proof) => proof.tier === tier)?.cause ?? null };
  }
  const waiting = tiers.filter((tier) => verdictFor(proofs, tier, app) !== 'proven');
  return waiting.length > 0 ? { may: 'wait', tiers: waiting } : { may: 'give' };
};

/** Throws `customer.take_back_unproven` where Curfew could not take back, or can't any more, what these roles make of somebody. */
export const requireTakeBack = async (
  { takeBack }: ProvingStores,
  of: { readonly customerId: CustomerId; readonly app: ProvenApp; readonly roles: readonly RoleId[] },
): Promise<TakeBackDecision> => {
  const decision = decideTakeBack(await takeBack.ofCustomer(of.customerId), of.app, of.roles);
  if (decision.may !== 'not') return decision;
  const { tier, cause } = decision;
  throw provingErrors.refuse('customer.take_back_unproven', {
    tier,
    cause: cause?.code ?? null,
    says: cause?.says ?? null,
    mend: cause?.mend ?? null,
  });
};
