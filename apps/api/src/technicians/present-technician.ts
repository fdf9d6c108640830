import type { TechnicianGroupOut, TechnicianOut } from '#contracts';
import type { Technician, TechnicianGroup } from '#core/identity';
import { iso } from '../wire.js';

export const presentTechnician = (technician: Technician): TechnicianOut => ({
  id: technician.id,
  username: technician.username,
  displayName: technician.displayName,
  role: technician.role,
  state: technician.state,
  createdAt: iso(technician.createdAt),
});

export const presentGroup = ({ createdAt, id, name, state }: TechnicianGroup): TechnicianGroupOut => ({
  id,
  name,
  state,
  createdAt: iso(createdAt),
});
