import type { AccountByHandOut, KillSwitchOut, KillSwitchProgressOut } from '#contracts';
import { byHand, hindranceOf, type ClosingAccount, type Hold, type Tally } from '#core/grants';
import { presentActor } from '../audit/present-audit-event.js';
import { iso, isoOrNull } from '../wire.js';

type Whose = Omit<KillSwitchProgressOut['items'][number], 'since' | 'closedAt'>;

/** Graph's own words can be long. */
const LONGEST_MESSAGE = 2_000;

export const presentKillSwitch = (hold: Hold): KillSwitchOut => {
  const { id, scope, reason, placedAt, placedBy, liftedAt, liftedBy } = hold;
  return {
    id,
    scope: scope.kind,
    technicianId: scope.kind === 'technician' ? scope.technicianId : null,
    customerId: scope.kind === 'customer' ? scope.customerId : null,
    reason,
    placedAt: iso(placedAt),
    placedBy: presentActor(placedBy),
    liftedAt: isoOrNull(liftedAt),
    liftedBy: liftedBy === null ? null : presentActor(liftedBy),
  };
};

export const presentTally = ({ open, ending, taken, closed }: Tally): KillSwitchProgressOut['accounts'] => ({
  total: open + ending + taken + closed,
  open,
  ending,
  taken,
  closed,
});

export const presentClosing = (account: ClosingAccount): KillSwitchProgressOut['items'][number] => ({
  ...whose(account),
  since: iso(account.since),
  closedAt: isoOrNull(account.closedAt),
});

export const presentByHand = (account: ClosingAccount): AccountByHandOut => {
  const { enabled, roles, groups, pass } = account.held;
  const { portalUrl, commands } = byHand(account);
  return {
    ...whose(account),
    mayHold: { enabled, roles: [...roles], groups: [...groups], pass },
    portalUrl,
    commands: [...commands],
  };
};

const whose = (account: ClosingAccount): Whose => {
  const cause = hindranceOf(account);
  return {
    accountId: account.accountId,
    technicianId: account.technicianId,
    customerId: account.customer.id,
    customerName: account.customer.name,
    tenantId: account.tenant?.id ?? null,
    upn: account.upn,
    objectId: account.objectId,
    state: account.state,
    cause:
      cause === null
        ? null
        : {
            reason: cause.reason,
            message: cause.message.slice(0, LONGEST_MESSAGE),
            until: iso(cause.until),
          },
  };
};
