import { usualPimSettings } from '../directory/role-policy.js';
import { roleByNameOrId } from '../directory/role-catalogue.js';
import type { PimSettings, RolePolicySpec } from './contract.js';
import { ControlError } from './control-error.js';

export const pimOf = (before: PimSettings = usualPimSettings, changes: Partial<PimSettings> = {}) => ({
  ...before,
  ...changes,
});

/** With the roles' ids instead of names; a role that Entra does not have is refused. */
export const rolePoliciesOf = (specs: readonly RolePolicySpec[]): RolePolicySpec[] =>
  specs.map((spec) => {
    if (spec.role === undefined) return spec;
    const role = roleByNameOrId(spec.role);
    if (role === undefined) throw new ControlError(400, `There is no directory role '${spec.role}'`);
    return { ...spec, role: role.id };
  });
