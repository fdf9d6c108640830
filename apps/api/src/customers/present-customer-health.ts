import type { CustomerHealthOut } from '#contracts';
import type { CustomerHealth } from '#core/validating';
import { iso, isoOrNull } from '../wire.js';

export const presentCustomerHealth = ({ facts, status, reasons }: CustomerHealth): CustomerHealthOut => {
  const { customer, connection, validation, throttles } = facts;
  return {
    customerId: customer.id,
    name: customer.name,
    status,
    reasons: reasons.map(({ status: own, cause, says }) => ({ status: own, cause, says })),
    connection:
      connection === null
        ? null
        : {
            credentialKind: connection.credentialKind,
            credentialEndsAt: isoOrNull(connection.credentialEndsAt),
            mayTouchRoleHolders: connection.capabilities.mayTouchRoleHolders,
          },
    validatedAt: isoOrNull(validation?.at ?? null),
    verdict: validation?.verdict ?? null,
    throttledUntil: throttles.length === 0 ? null : iso(Math.max(...throttles.map(({ until }) => until))),
    comparedAt: isoOrNull(facts.comparedAt),
    accountsInUse: facts.accountsInUse,
    owedEnds: facts.owedEnds,
    owedSince: isoOrNull(facts.owedSince),
  };
};
