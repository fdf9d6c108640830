import { accessErrors } from '#core/access';
import { stateOf, type ManagedAccount } from '#core/accounts';
import type { AuditEvent } from '#core/audit';
import { grantErrors, retried, transition } from '#core/grants';
import type { AccountId } from '#core/shared';
import { locked } from './remove-customer.js';
import {
  eventOf,
  finishRemoval,
  MOST_LISTED,
  readRemoval,
  type Removal,
  type RemovalCommand,
  type RemovalPorts,
  type RemovalStores,
  type UnderWay,
} from './removal.js';

export interface LeaveBehindCommand extends RemovalCommand {
  readonly reason: string;
  /** Exactly those that are not proven closed, which shows that the caller has seen them. */
  readonly accounts: readonly AccountId[];
}

/**
 * For a tenant that is gone or lets us in no more: gives up what can't be proven closed, by name. The credential is deleted
 * and nobody looks at these accounts again, so whatever they hold in the tenant they hold until somebody there takes it. They
 * are never shown as closed, nor their grants as ended.
 */
export class LeaveBehind {
  constructor(private readonly ports: RemovalPorts) {}

  /** Throws `customer.not_found`, `entra_connection.not_found`, `entra_connection.not_removing`, `….list_differs`. */
  execute(command: LeaveBehindCommand): Promise<Removal> {
    const { clock, unitOfWork } = this.ports;
    return retried(() =>
      unitOfWork.inOrganization(command.organizationId, async (stores) => {
        const customer = await locked(stores, command.customerId);
        return leave({ stores, customer, now: clock.now() }, command);
      }),
    );
  }
}

const leave = async (underWay: UnderWay, command: LeaveBehindCommand): Promise<Removal> => {
  const { stores, customer, now } = underWay;
  const connection = await stores.connections.ofCustomer(customer.id);
  if (connection === null) throw accessErrors.refuse('entra_connection.not_found');
  if (connection.state !== 'removing') throw accessErrors.refuse('entra_connection.not_removing');
  const left = await stores.accounts.unproven(customer.id, MOST_LISTED);
  requireSame(left, command.accounts);
  const ended = await endWithoutProof(underWay, command, left);
  await stores.accounts.leaveBehind(
    left.map(({ id }) => id),
    now,
  );
  if (left.length > 0) await stores.audit.append([...ended, told(underWay, { command, connection, left })]);
  return readRemoval(stores, await finishRemoval(underWay));
};

const requireSame = (left: readonly ManagedAccount[], named: readonly AccountId[]): void => {
  const ids = new Set<AccountId>(named);
  if (left.length !== ids.size || !left.every(({ id }) => ids.has(id)))
    throw accessErrors.refuse('entra_connection.list_differs', { accounts: left.map(({ id }) => id) });
};

const endWithoutProof = async (
  { stores, customer, now }: UnderWay,
  { actor }: LeaveBehindCommand,
  left: readonly ManagedAccount[],
): Promise<readonly AuditEvent[]> => {
  const reason = customer.state === 'active' ? 'connection_removed' : 'customer_removed';
  const events: AuditEvent[] = [];
  const ids = left.map(({ id }) => id);
  let open = await stores.grants.openOf(ids);
  // Each that is left behind is open no more, so that those that weren't read come up.
  while (open.length > 0) {
    for (const { grant, bar } of open) {
      const event = { what: 'leave_behind', reason: bar ?? reason } as const;
      const moved = transition(grant, event, { actor, now });
      await saved(stores, moved.grant);
      events.push(moved.audit);
    }
    open = await stores.grants.openOf(ids);
  }
  return events;
};

const saved = async ({ grants }: RemovalStores, grant: Parameters<typeof grants.save>[0]): Promise<void> => {
  if (!(await grants.save(grant))) throw grantErrors.refuse('grant.changed_meanwhile');
};

const told = (
  underWay: UnderWay,
  of: {
    readonly command: LeaveBehindCommand;
    readonly connection: { readonly id: string; readonly tenantId: string };
    readonly left: readonly ManagedAccount[];
  },
): AuditEvent =>
  eventOf(underWay, {
    action: 'entra_connection.left_behind',
    actor: of.command.actor,
    subject: { kind: 'entra_connection', id: of.connection.id },
    details: {
      reason: of.command.reason,
      tenantId: of.connection.tenantId,
      accounts: of.left.map(lineOf),
    },
  });

/** Which account it is, and what it may hold at worst. */
const lineOf = (account: ManagedAccount): string => {
  const { enabled, groups, roles } = account.mayHold;
  const holds = [
    enabled === null ? 'disabled' : 'maybe enabled',
    `roles: ${Object.keys(roles).join(' ') || 'none'}`,
    `groups: ${Object.keys(groups).join(' ') || 'none'}`,
  ];
  return `${account.upn} (${account.objectId ?? 'object unknown'}), ${stateOf(account)}, ${holds.join(', ')}`;
};
