import { HOUR, MINUTE, type Instant } from '#core/shared';
import { refusesCredential, type CustomerFacts } from '#core/tenancy';

/** `bad`: access does not come, or does not go, there. `attention`: it will be so, or may be. */
export type HealthStatus = 'good' | 'attention' | 'bad';

/** Why a customer is not well; the closed list is docs/validate.md. */
export type HealthCause =
  | 'credential_refused'
  | 'credential_ended'
  | 'credential_ends_soon'
  | 'ends_owed'
  | 'ends_unproven'
  | 'not_compared'
  | 'not_connected'
  | 'not_validated'
  | 'removing'
  | 'second_credential_ends'
  | 'take_back_failed'
  | 'take_back_lost'
  | 'take_back_slow'
  | 'throttled'
  | 'validate_failed'
  | 'validate_warned'
  | 'validated_before_last_change';

export interface HealthReason {
  readonly status: Exclude<HealthStatus, 'good'>;
  readonly cause: HealthCause;
  readonly says: string;
}

/** A customer, how it is, and why. */
export interface CustomerHealth {
  readonly facts: CustomerFacts;
  /** As grave as the gravest reason. */
  readonly status: HealthStatus;
  readonly reasons: readonly HealthReason[];
}

const DAY = 24 * HOUR;
const SOON_MS = 60 * DAY;
/** The promise's minute. */
const OWED_MS = MINUTE;
/** Enabled accounts are compared every five minutes, others each hour; twice that is too long. */
const COMPARED_IN_USE_MS = 10 * MINUTE;
const COMPARED_MS = 2 * HOUR;

/** How a customer is at that moment, by what is kept of it: nothing is asked of its tenant. */
export const healthOf = (facts: CustomerFacts, now: Instant): CustomerHealth => {
  const reasons = [
    ...ofConnection(facts, now),
    ...ofTakeBack(facts),
    ...ofValidate(facts),
    ...ofWork(facts, now),
  ];
  const isBad = reasons.some(({ status }) => status === 'bad');
  const status = isBad ? 'bad' : reasons.length > 0 ? 'attention' : 'good';
  return { facts, status, reasons };
};

const bad = (cause: HealthCause, says: string): HealthReason => ({ status: 'bad', cause, says });
const attention = (cause: HealthCause, says: string): HealthReason => ({ status: 'attention', cause, says });

const ofConnection = (
  { customer, connection, secondEndsAt }: CustomerFacts,
  now: Instant,
): readonly HealthReason[] => {
  if (connection === null) return [attention('not_connected', 'It is not connected to a tenant yet.')];
  const isGoing = customer.state === 'removing' || connection.state === 'removing';
  return [
    ...(isGoing ? [attention('removing', 'It is being removed: only what is left is taken away.')] : []),
    ...ofCredential(connection.credentialEndsAt, now),
    ...ofSecond(secondEndsAt, now),
    ...(connection.capabilities.mayTouchRoleHolders
      ? []
      : [
          attention(
            'take_back_slow',
            'Curfew may not disable admins there: at an end roles go at once, and the account is disabled when Entra has noticed.',
          ),
        ]),
  ];
};

const ofCredential = (endsAt: Instant | null, now: Instant): readonly HealthReason[] => {
  if (endsAt === null || endsAt - now > SOON_MS) return [];
  if (endsAt <= now) return [bad('credential_ended', 'The credential has ended.')];
  return [
    attention('credential_ends_soon', `The credential ends in ${Math.floor((endsAt - now) / DAY)} days.`),
  ];
};

const ofSecond = (endsAt: Instant | null, now: Instant): readonly HealthReason[] => {
  if (endsAt === null || endsAt - now > SOON_MS) return [];
  const when = endsAt <= now ? 'has ended' : `ends in ${Math.floor((endsAt - now) / DAY)} days`;
  return [attention('second_credential_ends', `The revoker's own credential ${when}.`)];
};

const ofTakeBack = ({ connection, closedTiers }: CustomerFacts): readonly HealthReason[] => {
  if (connection === null) return [];
  const tiersOf = (verdict: 'failed' | 'lost'): string =>
    closedTiers.flatMap((each) => (each.verdict === verdict ? [each.tier] : [])).join(' and ');
  const [lost, failed] = [tiersOf('lost'), tiersOf('failed')];
  return [
    ...(lost === ''
      ? []
      : [bad('take_back_lost', `Curfew can no longer take back what roles of these tiers give: ${lost}.`)]),
    ...(failed === ''
      ? []
      : [bad('take_back_failed', `A canary could not be taken back with roles of these tiers: ${failed}.`)]),
  ];
};

const ofValidate = ({ connection, validation }: CustomerFacts): readonly HealthReason[] => {
  if (connection === null) return [];
  if (validation === null) return [attention('not_validated', 'Validate has not been run.')];
  if (validation.connectionVersion !== connection.version)
    return [
      attention('validated_before_last_change', 'The connection was changed since Validate was last run.'),
    ];
  if (validation.verdict === 'fail') return [bad('validate_failed', 'The last Validate failed.')];
  return validation.verdict === 'warn' ? [attention('validate_warned', 'The last Validate warned.')] : [];
};

const ofWork = (facts: CustomerFacts, now: Instant): readonly HealthReason[] => {
  const { connection, throttles, owedSince, owedEnds, unproven } = facts;
  const refused = refusesCredential(throttles, now);
  const others = throttles.filter(
    ({ workload, until }) => until > now && (workload !== 'sign-in' || !refused),
  );
  return [
    ...(refused ? [bad('credential_refused', 'Entra does not accept the credential.')] : []),
    ...(others.length > 0
      ? [attention('throttled', `Entra asks to wait (${others.map(({ workload }) => workload).join(', ')}).`)]
      : []),
    ...(owedSince !== null && now - owedSince > OWED_MS
      ? [bad('ends_owed', `Ends that are owed for more than a minute: ${owedEnds}.`)]
      : []),
    ...(unproven > 0
      ? [
          bad(
            'ends_unproven',
            `Accounts from which access was taken, and which nobody could read back in time: ${unproven}.`,
          ),
        ]
      : []),
    ...(connection !== null && isUncompared(facts, now)
      ? [attention('not_compared', 'Its accounts have not been compared with the tenant lately.')]
      : []),
  ];
};

const isUncompared = ({ comparedAt, accountsInUse }: CustomerFacts, now: Instant): boolean =>
  comparedAt === null || now - comparedAt > (accountsInUse > 0 ? COMPARED_IN_USE_MS : COMPARED_MS);
