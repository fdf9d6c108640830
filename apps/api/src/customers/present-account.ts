import type { ManagedAccountOut } from '#contracts';
import { stateOf, type AccountState, type ManagedAccount, type Retirement } from '#core/accounts';
import { iso, isoOrNull } from '../wire.js';

const states = {
  not_made: 'not_made',
  enabled: 'enabled',
  parked: 'parked',
  removing: 'removing',
  removed: 'removed',
  left_behind: 'left_behind',
} as const satisfies Record<AccountState, ManagedAccountOut['state']>;

const whys = {
  technician_left: 'technician_left',
  customer_removed: 'customer_removed',
  connection_removed: 'connection_removed',
  unused: 'unused',
  ended_with_delete: 'ended_with_delete',
} as const satisfies Record<Retirement, ManagedAccountOut['why']>;

/** Graph's own words can be long. */
const LONGEST_MESSAGE = 2_000;

export const presentAccount = (account: ManagedAccount): ManagedAccountOut => {
  const { failure, mayHold, removal, retirement } = account;
  return {
    id: account.id,
    customerId: account.customerId,
    technicianId: account.technicianId,
    upn: account.upn,
    objectId: account.objectId,
    state: states[stateOf(account)],
    why: retirement === null ? null : whys[retirement],
    mayHold: {
      enabled: mayHold.enabled !== null,
      roles: Object.keys(mayHold.roles),
      groups: Object.keys(mayHold.groups),
      pass: mayHold.pass !== null,
    },
    failure:
      failure === null
        ? null
        : {
            reason: failure.reason,
            message: failure.message.slice(0, LONGEST_MESSAGE),
            sinceAt: iso(failure.sinceAt),
          },
    removedAt: removal === null ? null : iso(removal.readAt),
    proof:
      removal === null
        ? null
        : { readAt: iso(removal.readAt), graphAt: iso(removal.graphAt), objectFound: false },
    leftBehindAt: isoOrNull(account.leftBehindAt),
    createdAt: iso(account.createdAt),
  };
};
