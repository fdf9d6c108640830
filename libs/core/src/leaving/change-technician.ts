import type { AccountRef, AccountStores } from '#core/accounts';
import type { AuditAction, AuditActor, AuditEvent, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { Clock, Instant, JobQueue, OrganizationId, TechnicianId, UnitOfWork } from '#core/shared';
import { identityErrors, type IdentityStores, type Technician, type TechnicianRole } from '#core/identity';
import { ringCustomers } from './ring-customers.js';

/** Who is to be changed, and by whom. */
export interface ChangeTechnicianCommand {
  readonly organizationId: OrganizationId;
  readonly technicianId: TechnicianId;
  /** As what somebody asks; null: at the console, where nobody is above anybody. */
  readonly asRole: TechnicianRole | null;
  readonly actor: AuditActor;
}

export type ChangeTechnicianStores = AccountStores & AuditStores & GrantStores & IdentityStores;

export interface ChangeTechnicianPorts {
  readonly unitOfWork: UnitOfWork<ChangeTechnicianStores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** What becomes of a person. Throws to refuse. */
export interface TechnicianChange {
  readonly action: AuditAction;
  /** The person afterwards; the same one when it is so already, and then nothing is written. */
  readonly next: (technician: Technician) => Technician;
  /** What hangs on it, in the same transaction; answers with the accounts that are to be looked at. */
  readonly follow?: (
    stores: ChangeTechnicianStores,
    technician: Technician,
    now: Instant,
  ) => Promise<{ readonly accounts: readonly AccountRef[]; readonly details?: AuditEvent['details'] }>;
}

/**
 * Changes a person in one transaction, under a lock that every access request of the person shares: whichever comes first,
 * the other sees it. Repeated, it changes nothing and says the same. Throws `technician.…`.
 */
export const changeTechnician = async (
  ports: ChangeTechnicianPorts,
  command: ChangeTechnicianCommand,
  change: TechnicianChange,
): Promise<Technician> => {
  const { organizationId } = command;
  const { technician, accounts } = await ports.unitOfWork.inOrganization(organizationId, (stores) =>
    changeWithin({ stores, now: ports.clock.now() }, command, change),
  );
  await ringCustomers(ports.queue, organizationId, accounts);
  return technician;
};

const changeWithin = async (
  { stores, now }: { readonly stores: ChangeTechnicianStores; readonly now: Instant },
  command: ChangeTechnicianCommand,
  change: TechnicianChange,
): Promise<{ readonly technician: Technician; readonly accounts: readonly AccountRef[] }> => {
  const locked = await stores.technicians.lockWithOwners(command.technicianId);
  const known = locked.find(({ id }) => id === command.technicianId);
  if (known === undefined) throw identityErrors.refuse('technician.not_found');
  const next = change.next(known);
  requireOwner(command, known, next);
  if (next === known) return { technician: known, accounts: [] };
  if (isActiveOwner(known) && !isActiveOwner(next) && locked.filter(isActiveOwner).length === 1)
    throw identityErrors.refuse('technician.last_owner');
  await stores.technicians.save(next);
  const { accounts, details } = (await change.follow?.(stores, next, now)) ?? { accounts: [] };
  await stores.audit.append([
    {
      organizationId: known.organizationId,
      at: now,
      actor: command.actor,
      action: change.action,
      subject: { kind: 'technician', id: known.id },
      customerId: null,
      details: { username: known.username, role: next.role, state: next.state, ...details },
    },
  ]);
  return { technician: next, accounts };
};

const requireOwner = ({ asRole }: ChangeTechnicianCommand, known: Technician, next: Technician): void => {
  const concernsOwner = known.role === 'owner' || next.role === 'owner';
  if (concernsOwner && asRole !== null && asRole !== 'owner')
    throw identityErrors.refuse('technician.is_owner');
};

const isActiveOwner = ({ role, state }: Technician): boolean => role === 'owner' && state === 'active';

/** The person in another state. Throws `technician.left` of one who has left, unless that is what is asked for. */
export const inState =
  (state: Technician['state']) =>
  (technician: Technician): Technician => {
    if (technician.state === state) return technician;
    if (technician.state === 'left') throw identityErrors.refuse('technician.left');
    return { ...technician, state };
  };
