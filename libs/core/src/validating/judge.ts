import { LINE_IDS, type ValidateLine } from '#core/tenancy';
import { judgeApp } from './judge-app.js';
import { judgeGiven } from './judge-given.js';
import { judgeTakeBack } from './judge-take-back.js';
import { judgeTenant } from './judge-tenant.js';
import type { TenantFacts } from './tenant-facts.js';

/** One line for each thing that Validate looks at, in the order of `LINE_IDS`. */
export const judge = (facts: TenantFacts): readonly ValidateLine[] => {
  const place = new Map(LINE_IDS.map((id, at) => [id, at]));
  return [...judgeApp(facts), judgeTakeBack(facts), ...judgeTenant(facts), ...judgeGiven(facts)].sort(
    (one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0),
  );
};
