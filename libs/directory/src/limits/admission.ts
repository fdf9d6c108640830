import { workloadOf, type DirectoryStep } from '#core/accounts';
import { requestFor, type Way } from '../requests.js';
import type { Allowances, Caller, Charge } from './allowances.js';
import type { Cost } from './bucket-pair.js';
import { costOf } from './cost.js';
import { lanesOf, placeOf, rankOf, type Lane } from './lane.js';

/** One plan's steps before anything of it leaves. */
export interface Admission {
  readonly admitted: readonly DirectoryStep[];
  /** By ref: milliseconds for which a step is too early. */
  readonly tooEarly: ReadonlyMap<string, number>;
  /** By ref: what each would count for. */
  readonly charges: ReadonlyMap<string, Charge>;
  readonly lanes: ReadonlyMap<string, Lane>;
}

/**
 * Charges the steps of a plan, the most urgent first, and tells those that don't fit when they will: each behind those
 * before it, so that they don't all come back at once. What waits for a step that doesn't fit isn't charged.
 */
export const admit = (
  steps: readonly DirectoryStep[],
  way: Way,
  { allowances, caller }: { readonly allowances: Allowances; readonly caller: Caller },
): Admission => {
  const lanes = lanesOf(steps);
  const charges = new Map(steps.map((step) => [step.ref, chargeOf(step, lanes, way)] as const));
  const tooEarly = new Map<string, number>();
  const isCut = cutBy(steps, tooEarly);
  const charged: DirectoryStep[] = [];
  let owed: Cost = NOTHING;
  for (const step of mostUrgentFirst(steps, lanes)) {
    const charge = charges.get(step.ref);
    if (charge === undefined || isCut(step)) continue;
    const wait = allowances.spend(caller, charge, owed);
    if (wait === 0) charged.push(step);
    else {
      tooEarly.set(step.ref, wait);
      owed = { writes: owed.writes + charge.cost.writes, units: owed.units + charge.cost.units };
    }
  }
  for (const { ref } of charged.filter(isCut)) allowances.giveBack(caller, charges.get(ref) ?? FREE);
  const admitted = steps.filter((step) => !tooEarly.has(step.ref) && !isCut(step));
  return { admitted, tooEarly, charges, lanes };
};

const NOTHING: Cost = { writes: 0, units: 0 };
/** A call for which Graph has no request. */
const FREE: Charge = { workload: 'directory', rank: 1, cost: NOTHING };

const chargeOf = ({ ref, call }: DirectoryStep, lanes: ReadonlyMap<string, Lane>, way: Way): Charge => {
  const request = requestFor(call, way);
  const cost = request === null ? NOTHING : costOf(request);
  return { workload: workloadOf(call), rank: rankOf(lanes.get(ref) ?? 'giving'), cost };
};

const mostUrgentFirst = (
  steps: readonly DirectoryStep[],
  lanes: ReadonlyMap<string, Lane>,
): readonly DirectoryStep[] => {
  const place = ({ ref }: DirectoryStep): number => placeOf(lanes.get(ref) ?? 'giving');
  return [...steps].sort((one, other) => place(one) - place(other));
};

/** Whether something that a step waits for, however far away, is too early. */
const cutBy = (
  steps: readonly DirectoryStep[],
  tooEarly: ReadonlyMap<string, number>,
): ((step: DirectoryStep) => boolean) => {
  const byRef = new Map(steps.map((step) => [step.ref, step]));
  return (step) => {
    // A circle is found out when the steps are packed.
    const seen = new Set<string>();
    for (
      let before = step.after;
      before !== undefined && !seen.has(before);
      before = byRef.get(before)?.after
    ) {
      if (tooEarly.has(before)) return true;
      seen.add(before);
    }
    return false;
  };
};
