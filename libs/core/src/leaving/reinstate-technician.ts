import {
  changeTechnician,
  inState,
  type ChangeTechnicianCommand,
  type ChangeTechnicianPorts,
} from './change-technician.js';
import type { Technician } from '#core/identity';

/** Lets a suspended person in again. What ended meanwhile stays ended: it is to be asked for anew. */
export class ReinstateTechnician {
  constructor(private readonly ports: ChangeTechnicianPorts) {}

  /** Throws `technician.not_found`, `technician.left`, `technician.is_owner`. */
  execute(command: ChangeTechnicianCommand): Promise<Technician> {
    return changeTechnician(this.ports, command, {
      action: 'technician.reinstated',
      next: inState('active'),
    });
  }
}
