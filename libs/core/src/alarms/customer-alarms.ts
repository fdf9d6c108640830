import { HOUR, type Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import {
  ALARMING_MS,
  CREDENTIAL_HORIZON_MS,
  type CredentialEnd,
  type FailingCustomer,
} from './alarm-source.js';
import { blockedCause, blockedWords, type BlockedCause } from './cause.js';

const DAY = 24 * HOUR;

/** From the shortest: how long before its end a credential is told of, and how loudly. */
const STAGES = [
  { cause: 'ended', beforeMs: 0, severity: 'critical' },
  { cause: 'within_7_days', beforeMs: 7 * DAY, severity: 'warning' },
  { cause: 'within_30_days', beforeMs: 30 * DAY, severity: 'warning' },
  { cause: 'within_60_days', beforeMs: CREDENTIAL_HORIZON_MS, severity: 'notice' },
] as const;

/** Credentials that end soon, or have: each once, however many customers use it. */
export const credentialAlarms = (ends: readonly CredentialEnd[], now: Instant): readonly Alarm[] => {
  const own = ends.filter(({ ofOrganizationApp }) => ofOrganizationApp === undefined);
  const shared = new Map<string, CredentialEnd[]>();
  for (const end of ends.filter(({ ofOrganizationApp }) => ofOrganizationApp === true)) {
    const key = `${end.organizationId} ${end.endsAt}`;
    shared.set(key, [...(shared.get(key) ?? []), end]);
  }
  return [
    ...own.flatMap((end) => credentialAlarm(end, ownOf(end), now)),
    ...[...shared.values()].flatMap(([first, ...more]) =>
      first === undefined ? [] : credentialAlarm(first, sharedOf(first, more.length + 1), now),
    ),
  ];
};

/** In what words, and of whom. */
type Told = Pick<Alarm, 'id' | 'customerId' | 'remedy'> & {
  readonly whose: string;
  /** What is so once it has ended. */
  readonly then: string;
};

const ownOf = ({ customerId, ofRevoker }: CredentialEnd): Told =>
  ofRevoker === true ? secondOf(customerId) : firstOf(customerId);

const firstOf = (customerId: CredentialEnd['customerId']): Told => ({
  id: `credential.ending:${customerId}`,
  customerId,
  whose: "Curfew's credential for this customer",
  then: 'nothing can be given there any more, nor taken away',
  remedy: "Make a new credential in the customer's tenant and connect the customer with it.",
});

const secondOf = (customerId: CredentialEnd['customerId']): Told => ({
  id: `credential.ending:${customerId}-revoker`,
  customerId,
  whose: "The revoker's own credential for this customer",
  then: 'nothing is taken away there when the first credential is refused',
  remedy: 'Make a new credential and give it to the revoker: PUT …/entra-connection/revoker-credential.',
});

const sharedOf = ({ organizationId, endsAt }: CredentialEnd, customers: number): Told => ({
  id: `credential.ending:${organizationId}-${endsAt}`,
  customerId: null,
  whose: "The credential of the organization's app",
  then: `nothing can be given at the customers that use it (${customers}) any more, nor taken away`,
  remedy:
    'Make a new credential in its app registration and give it to Curfew: PUT /api/v1/organization-app.',
});

const credentialAlarm = (
  { organizationId, endsAt, ofRevoker }: CredentialEnd,
  { id, customerId, whose, then, remedy }: Told,
  now: Instant,
): readonly Alarm[] => {
  const stage = STAGES.find(({ beforeMs }) => endsAt - now <= beforeMs);
  if (stage === undefined) return [];
  const { cause, beforeMs } = stage;
  // With the first credential everything still works.
  const severity = ofRevoker === true && cause === 'ended' ? 'warning' : stage.severity;
  return [
    {
      id,
      kind: 'credential.ending',
      severity,
      organizationId,
      customerId,
      accounts: 0,
      accountIds: [],
      grantIds: [],
      sinceAt: endsAt - beforeMs,
      cause,
      causedBy: null,
      message:
        cause === 'ended'
          ? `${whose} has ended: ${then}.`
          : `${whose} ends in ${inWords(endsAt - now)}: then ${then}.`,
      remedy,
      runbook: 'docs/runbooks/credential-ended.md',
    },
  ];
};

/**
 * Customers at which nothing has worked for a minute, or so shortly that only an end tells which should have come a minute ago:
 * each with the worst cause.
 */
export const blockedAlarms = (
  failing: readonly FailingCustomer[],
  by: { readonly now: Instant; readonly hasEnded: (customerId: string) => boolean },
): readonly Alarm[] => {
  const worst = new Map<string, { readonly facts: FailingCustomer; readonly cause: BlockedCause }>();
  for (const facts of failing) {
    const cause = blockedCause(facts.reason, by.hasEnded(facts.customerId));
    if (cause === null || !isAlarming(facts, by.now)) continue;
    const known = worst.get(facts.customerId);
    if (known === undefined || rank(cause) < rank(known.cause)) worst.set(facts.customerId, { facts, cause });
  }
  return [...worst.values()].map(({ facts, cause }) => alarmOf(facts, cause, by.now));
};

const isAlarming = ({ sinceAt, owedSince }: FailingCustomer, now: Instant): boolean =>
  now - Math.min(sinceAt, owedSince ?? sinceAt) > ALARMING_MS;

const CAUSES = Object.keys(blockedWords);
const rank = (cause: BlockedCause): number => CAUSES.indexOf(cause);

const alarmOf = (facts: FailingCustomer, cause: BlockedCause, now: Instant): Alarm => {
  const { why, remedy, runbook, needsPerson } = blockedWords[cause];
  const { organizationId, customerId, sinceAt, accounts, owed } = facts;
  const atStake = owed === 0 ? 'No end is owed there at this moment.' : `Ends that are owed there: ${owed}.`;
  return {
    id: `customer.blocked:${customerId}`,
    kind: 'customer.blocked',
    severity: needsPerson || owed > 0 ? 'critical' : 'warning',
    organizationId,
    customerId,
    accounts,
    accountIds: [],
    grantIds: [],
    sinceAt,
    cause,
    causedBy: null,
    message:
      `Nothing has worked at this customer for ${inWords(now - sinceAt)}: ${why}. ` +
      `Accounts that wait: ${accounts}. ${atStake}`,
    remedy,
    runbook,
  };
};
