import { ControlError } from '../control/control-error.js';
import { ruleIn } from '../control/named-faults/rule-in.js';
import { makeTenant } from '../control/tenant-spec.js';
import type { Simulator } from '../simulator.js';
import { SeedError, type Seed } from './read-seed.js';

/** Ids of the tenants that a seed made, and of those that were there already and stay as they are. */
export interface Sown {
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/** Makes what the seed says. A restart with the same data folder must not undo what happened in it. */
export function sowSeed(simulator: Simulator, { file, tenants, settings, faults }: Seed): Sown {
  const made: string[] = [];
  const kept: string[] = [];
  simulator.configure(settings);
  for (const [name, spec] of Object.entries(tenants)) {
    const id = name.toLowerCase();
    if (simulator.world.tenants.has(id)) {
      kept.push(id);
      continue;
    }
    at(`${file}: tenants.${name}`, () => makeTenant(simulator.world, id, spec));
    made.push(id);
  }
  faults.forEach((rule, i) =>
    at(`${file}: faults[${i}]`, () => simulator.interference.addRule(ruleIn(rule))),
  );
  simulator.world.flush();
  return { made, kept };
}

/** What the schema cannot know is refused while it is made: a role or a permission that does not exist. */
function at(place: string, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    if (error instanceof ControlError) throw new SeedError(`${place}: ${error.message}`);
    throw error;
  }
}
