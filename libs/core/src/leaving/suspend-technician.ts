import {
  changeTechnician,
  inState,
  type ChangeTechnicianCommand,
  type ChangeTechnicianPorts,
} from './change-technician.js';
import type { Technician } from '#core/identity';

/** Stops a person at once: no token of theirs lets in, nothing new is given, and every grant ends. Their accounts stay, parked. */
export class SuspendTechnician {
  constructor(private readonly ports: ChangeTechnicianPorts) {}

  /** Throws `technician.not_found`, `technician.left`, `technician.last_owner`, `technician.is_owner`. */
  execute(command: ChangeTechnicianCommand): Promise<Technician> {
    return changeTechnician(this.ports, command, {
      action: 'technician.suspended',
      next: inState('suspended'),
      follow: async ({ accounts, grants }, { id }, now) => {
        const scope = { kind: 'technician', technicianId: id } as const;
        const ended = await accounts.endAll(scope, now);
        await grants.forbid(scope, 'technician_suspended');
        return { accounts: ended, details: { accounts: ended.length } };
      },
    });
  }
}
