import { InvalidArgumentError, Option } from 'commander';
import { identityErrors, type TechnicianRole } from '#core/identity';
import type { OrganizationId, TechnicianId } from '#core/shared';
import type { Ports } from '#composition';

const ROLES = [
  'owner',
  'admin',
  'approver',
  'technician',
  'auditor',
] as const satisfies readonly TechnicianRole[];

export const roleOption = (meaning: string): Option =>
  new Option('--role <role>', meaning).choices([...ROLES]);

/** A name as people write it: one line, not empty, not endless. */
export const nameOf = (text: string): string => {
  const name = text.trim();
  // eslint-disable-next-line no-control-regex -- exactly these are refused: they forge lines where they are printed
  if (name === '' || name.length > 200 || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name))
    throw new InvalidArgumentError('Give one line of 1 to 200 characters.');
  return name;
};

export const wholeNumber = (text: string): number => {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
};

/** Up to ten years; 0 means never. */
export const daysOf = (text: string): number => {
  const days = wholeNumber(text);
  if (days > 3_650) throw new InvalidArgumentError('Give 0 to 3650 days.');
  return days;
};

/** A value given by its place or by its option: either is right, one is needed. */
export const given = (place: string | undefined, option: string | undefined, name: string): string => {
  const value = place ?? option;
  if (value === undefined || (place !== undefined && option !== undefined && place !== option))
    throw new UsageError(`Give --${name} once.`);
  return value;
};

/** A command line that can't be carried out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws `organization.not_found`. */
export const organizationOf = async (ports: Ports, slug: string): Promise<OrganizationId> => {
  const organizationId = await ports.doorway.organizationOfSlug(slug);
  if (organizationId === null) throw identityErrors.refuse('organization.not_found');
  return organizationId;
};

/** By username. Throws `technician.not_found`. */
export const technicianOf = async (
  ports: Ports,
  organizationId: OrganizationId,
  username: string,
): Promise<TechnicianId> => {
  const technician = await ports.unitOfWork.inOrganization(organizationId, ({ technicians }) =>
    technicians.byUsername(username.toLowerCase()),
  );
  if (technician === null) throw identityErrors.refuse('technician.not_found');
  return technician.id;
};
