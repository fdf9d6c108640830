import { CANARY_MS, markerOf, type ManagedAccount } from '../accounts/index.js';
import { idOf, type RoleId } from '../shared/index.js';
import { newAccount, ORGANIZATION, READER, TENANT } from './convergence-rows.js';
import type { ConvergenceWorld } from './convergence-world.js';

/** A canary as whoever runs one leaves it: nothing of it in Entra yet, due, and over in five minutes. */
export const plantCanary = async (
  on: ConvergenceWorld,
  { lastsMs = CANARY_MS, roles = [READER] }: { lastsMs?: number; roles?: readonly RoleId[] } = {},
): Promise<ManagedAccount> => {
  const now = on.clock.now();
  const base = newAccount({
    id: idOf(on.ids.uuid()),
    technicianId: null,
    upn: on.upn(`canary-${on.unitOfWork.peek().accounts.length}`),
    createdAt: now,
  });
  const { id: accountId, upn } = base;
  const canary: ManagedAccount = {
    ...base,
    kind: 'canary',
    marker: markerOf(on.box, { organizationId: ORGANIZATION, tenantId: TENANT, accountId, upn }),
    own: { enabled: true, roles, groups: [], startsAt: now, expiresAt: now + lastsMs, endAction: 'delete' },
    dueAt: now,
    takeAt: now + lastsMs,
  };
  await on.unitOfWork.inOrganization(ORGANIZATION, ({ accounts }) => accounts.insert(canary));
  return canary;
};
