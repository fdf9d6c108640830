import type { Runbook } from './alarm.js';

/** Why nothing can be done in a customer's tenant; anything else is its own word. */
export type BlockedCause =
  | 'consent_withdrawn'
  | 'directory_role_lost'
  | 'credential_ended'
  | 'credential_refused'
  | 'tenant_unreachable'
  | 'throttled';

/** The reasons of a failure that lie in the customer's tenant or connection, and not in one account or policy; worst first. */
export const BLOCKING_REASONS = [
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
  'unanswered',
  'throttled',
] as const;

const causes: Readonly<Record<string, BlockedCause>> = {
  credential_bad: 'credential_refused',
  consent_missing: 'consent_withdrawn',
  directory_role_missing: 'directory_role_lost',
  unanswered: 'tenant_unreachable',
  throttled: 'throttled',
} satisfies Record<(typeof BLOCKING_REASONS)[number], BlockedCause>;

/** What a failure's reason means for the customer; null: it is about something else. */
export const blockedCause = (reason: string, credentialEnded: boolean): BlockedCause | null => {
  const cause = causes[reason] ?? null;
  return cause === 'credential_refused' && credentialEnded ? 'credential_ended' : cause;
};

/** What there is to say of a cause. */
export interface CauseWords {
  readonly why: string;
  readonly remedy: string;
  readonly runbook: Runbook;
  /** It does not pass by itself. */
  readonly needsPerson: boolean;
}

/** The words for each cause of a block. */
export const blockedWords: Readonly<Record<BlockedCause, CauseWords>> = {
  consent_withdrawn: {
    why: "a permission that Curfew needs is not consented in the customer's tenant any more",
    remedy: 'Have an administrator of the customer grant consent again.',
    runbook: 'docs/runbooks/consent-revoked.md',
    needsPerson: true,
  },
  directory_role_lost: {
    why: "Curfew's service principal lacks the directory role that this takes in the customer's tenant",
    remedy: "Assign Privileged Authentication Administrator to Curfew's service principal there.",
    runbook: 'docs/runbooks/directory-role-lost.md',
    needsPerson: true,
  },
  credential_ended: {
    why: "Curfew's credential for this customer has ended",
    remedy: "Make a new credential in the customer's tenant and connect the customer with it.",
    runbook: 'docs/runbooks/credential-ended.md',
    needsPerson: true,
  },
  credential_refused: {
    why: "Entra does not accept Curfew's credential for this customer",
    remedy: 'Check the app registration and its credential, and connect the customer with one that is good.',
    runbook: 'docs/runbooks/credential-ended.md',
    needsPerson: true,
  },
  tenant_unreachable: {
    why: 'Graph gives no answer for this customer',
    remedy: "Look at Microsoft's service health and at the way from here to Graph.",
    runbook: 'docs/runbooks/account-overdue.md',
    needsPerson: false,
  },
  throttled: {
    why: 'Graph asks us to wait for this customer',
    remedy: 'Find out who else uses up the limits of this tenant; Curfew goes on as soon as Graph lets it.',
    runbook: 'docs/runbooks/graph-throttled.md',
    needsPerson: false,
  },
};
