import {
  changeTechnician,
  type ChangeTechnicianCommand,
  type ChangeTechnicianPorts,
} from './change-technician.js';
import { identityErrors, type Technician, type TechnicianRole } from '#core/identity';

/** Gives a person another role. Tokens follow at once: none is ever worth more than its person. */
export class ChangeTechnicianRole {
  constructor(private readonly ports: ChangeTechnicianPorts) {}

  /** Throws `technician.not_found`, `technician.left`, `technician.last_owner`, `technician.is_owner`. */
  execute({
    role,
    ...command
  }: ChangeTechnicianCommand & { readonly role: TechnicianRole }): Promise<Technician> {
    return changeTechnician(this.ports, command, {
      action: 'technician.role_changed',
      next: inRole(role),
    });
  }
}

const inRole =
  (role: TechnicianRole) =>
  (technician: Technician): Technician => {
    if (technician.state === 'left') throw identityErrors.refuse('technician.left');
    return technician.role === role ? technician : { ...technician, role };
  };
