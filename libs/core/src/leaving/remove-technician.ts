import type { Instant } from '#core/shared';
import {
  changeTechnician,
  inState,
  type ChangeTechnicianCommand,
  type ChangeTechnicianPorts,
  type ChangeTechnicianStores,
} from './change-technician.js';
import type { Technician } from '#core/identity';

/**
 * A person leaves, for good: tokens are worthless, group memberships gone, every grant ends, and the person's accounts are
 * deleted at every customer, each with the reading that no longer found it.
 */
export class RemoveTechnician {
  constructor(private readonly ports: ChangeTechnicianPorts) {}

  /** Throws `technician.not_found`, `technician.last_owner`, `technician.is_owner`. */
  execute(command: ChangeTechnicianCommand): Promise<Technician> {
    return changeTechnician(this.ports, command, {
      action: 'technician.left',
      next: inState('left'),
      follow: takeAllFrom,
    });
  }
}

const takeAllFrom = async (
  { accounts, grants, groups, tokens }: ChangeTechnicianStores,
  { id: technicianId }: Technician,
  now: Instant,
) => {
  const revoked = await tokens.revokeAllOf(technicianId, now);
  for (const group of await groups.ofTechnician(technicianId))
    await groups.removeMembers(group, [technicianId]);
  const scope = { kind: 'technician', technicianId } as const;
  const ended = await accounts.endAll(scope, now);
  await grants.forbid(scope, 'technician_left');
  const retired = await accounts.retireAll(scope, 'technician_left', now);
  return { accounts: [...ended, ...retired], details: { tokens: revoked, accounts: retired.length } };
};
