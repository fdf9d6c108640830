import { tiersOf, verdictFor, type RoleTier } from '#core/proving';
import type { ValidateLine } from '#core/tenancy';
import { fail, listed, pass } from './line.js';
import { rolesGiven, type TenantFacts } from './tenant-facts.js';

const WORDS: Readonly<Record<RoleTier, string>> = {
  limited: 'harmless roles',
  admin: 'admin roles',
};

/** Whether canaries have shown that Curfew can take back what the policies give. */
export const judgeTakeBack = ({ connection, policies, proofs }: TenantFacts): ValidateLine => {
  const id = 'take_back';
  const tiers = tiersOf([...rolesGiven(policies).keys()]);
  const closed = tiers.filter((tier) => {
    const verdict = verdictFor(proofs, tier, connection);
    return verdict === 'failed' || verdict === 'lost';
  });
  if (closed.length > 0) {
    const causes = closed.map((tier) => proofs.find((proof) => proof.tier === tier)?.cause ?? null);
    const says = causes.flatMap((cause) => (cause === null ? [] : [cause.says]));
    return fail(
      id,
      `Curfew can't take back there what ${named(closed)} make of somebody, so nothing of the kind is given: ${says.join('; ')}`,
      `${causes[0]?.mend ?? 'Mend the lines above.'} Then run the canary again.`,
    );
  }
  const open = tiers.filter((tier) => verdictFor(proofs, tier, connection) !== 'proven');
  if (open.length > 0)
    return pass(
      id,
      `Not proven yet for ${named(open)}: they are given all the same. Run the canary to know.`,
    );
  return pass(
    id,
    tiers.length === 0
      ? 'No access policy gives a role, so there is nothing to prove.'
      : `Proven by a canary for ${named(tiers)}.`,
  );
};

const named = (tiers: readonly RoleTier[]): string => listed(tiers.map((tier) => WORDS[tier]));
