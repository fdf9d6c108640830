import type { TenantTruth } from '../../support/simulator.js';
import { until } from '../../support/stack-until.js';
import type { FleetGrant } from '../../support/stack-fleet.js';
import type { FaultGround } from './ground.js';

type TrueUser = TenantTruth['users'][number];

/** What is changed by hand is found by the next comparison at the latest: the tenth of an hour's half, and what it takes itself. */
export const COMPARED_MS = 300_000;

/** The user of a grant, as Graph has it; undefined: deleted. */
export const userOf = async (
  { stack }: FaultGround,
  { tenantId, upn }: Pick<FleetGrant, 'tenantId' | 'upn'>,
): Promise<TrueUser | undefined> =>
  (await stack.simulator.truth(tenantId)).users.find((user) => user.userPrincipalName === upn);

/** Its object id, for the portal. */
export const objectOf = async (
  ground: FaultGround,
  grant: Pick<FleetGrant, 'tenantId' | 'upn'>,
): Promise<string> => {
  const user = await userOf(ground, grant);
  if (user === undefined) throw new Error(`There is no ${grant.upn}.`);
  return user.id;
};

/** Waits until Graph has it disabled. */
export const untilDisabled = async (
  { stack }: FaultGround,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  latest: number,
): Promise<void> => {
  await until(
    async () => (await stack.simulator.truth(tenantId)).users.find(({ id }) => id === userId),
    (user) => user?.accountEnabled === false,
    { what: 'it is disabled', timeoutMs: Math.max(0, latest - Date.now()) },
  );
};

interface AuditEvent {
  readonly action: string;
  readonly subject: { readonly id: string };
  readonly details: { readonly found?: readonly string[] };
}

/** Waits until the audit log tells that this was found on an account. */
export const untilTold = async (
  { msp }: FaultGround,
  { accountId }: Pick<FleetGrant, 'accountId'>,
  by: { readonly found: RegExp; readonly latest: number },
): Promise<void> => {
  await until(
    () => msp.owner.get<{ items: readonly AuditEvent[] }>('/audit-events?limit=100'),
    ({ items }) =>
      items.some(
        ({ action, subject, details }) =>
          action === 'account.drifted' &&
          subject.id === accountId &&
          details.found?.some((each) => by.found.test(each)),
      ),
    { what: `${by.found} is told`, timeoutMs: Math.max(0, by.latest - Date.now()) },
  );
};
