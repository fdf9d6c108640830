import type { TakeBackOut } from '#contracts';
import { ROLE_TIERS, stateOfTier, verdictFor } from '#core/proving';
import type { TakeBack } from '#core/validating';
import { isoOrNull } from '../wire.js';

export const presentTakeBack = ({ connection, proofs }: TakeBack): TakeBackOut => ({
  customerId: connection.customerId,
  tiers: ROLE_TIERS.map((tier) => {
    const proof = proofs.find((each) => each.tier === tier) ?? null;
    const verdict = verdictFor(proofs, tier, connection);
    const cause = verdict === 'proven' ? null : (proof?.cause ?? null);
    return {
      tier,
      state: stateOfTier(proof, connection),
      verdict,
      at: verdict === null ? null : isoOrNull(proof?.at ?? null),
      cause: cause === null ? null : { code: cause.code, says: cause.says, mend: cause.mend },
    };
  }),
});
