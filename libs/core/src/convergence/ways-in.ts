import {
  DirectoryError,
  type DirectoryErrorReason,
  type DirectoryStep,
  type StepOutcome,
} from '#core/accounts';
import type { SecretBox } from '#core/shared';
import { appsOf, type EntraApp, type EntraConnection } from '#core/tenancy';
import type { ConvergencePorts } from './ports.js';

/** Refused for who asked, not for what was asked: another way in may do. */
const ofTheAsker: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
]);

/** Whether another way into the tenant may do what this one was refused. */
export const isOfTheAsker = (reason: string): boolean => (ofTheAsker as ReadonlySet<string>).has(reason);

/** The ways into a customer's tenant, or why there is none: then every step fails so. */
export const waysInto = (
  connection: EntraConnection,
  box: SecretBox,
): readonly EntraApp[] | DirectoryError => {
  try {
    return appsOf(connection, box);
  } catch {
    return unopened('credential_bad', 'The sealed credential of the connection cannot be opened.');
  }
};

/** Sends by the first way in, and what that is refused by the next one. One outcome for each step. */
export const performBy = async (
  { directory, clock }: Pick<ConvergencePorts, 'directory' | 'clock'>,
  apps: readonly EntraApp[],
  { steps, timeoutMs }: { readonly steps: readonly DirectoryStep[]; readonly timeoutMs: number },
): Promise<readonly StepOutcome[]> => {
  const until = clock.now() + timeoutMs;
  const outcomes = new Map<string, StepOutcome>();
  let left = steps;
  for (const app of apps) {
    const leftMs = until - clock.now();
    if (left.length === 0 || leftMs <= 0) break;
    for (const outcome of await directory.perform(app, left, leftMs)) outcomes.set(outcome.ref, outcome);
    left = refused(left, outcomes);
  }
  return steps.flatMap(({ ref }) => outcomes.get(ref) ?? []);
};

/** What to send again another way, and what was not sent because of it; nothing waits for what has been done. */
const refused = (
  steps: readonly DirectoryStep[],
  outcomes: ReadonlyMap<string, StepOutcome>,
): readonly DirectoryStep[] => {
  const reasonOf = (ref: string): string => {
    const outcome = outcomes.get(ref);
    return outcome === undefined || outcome.ok ? '' : outcome.error.reason;
  };
  const again = steps.filter(({ ref }) => isOfTheAsker(reasonOf(ref)));
  if (again.length === 0) return [];
  const behind = steps.filter(({ ref, after }) => after !== undefined && reasonOf(ref) === 'not_tried');
  const left = [...again, ...behind];
  const refs = new Set(left.map(({ ref }) => ref));
  return left.map(({ ref, call, after }) =>
    after !== undefined && refs.has(after) ? { ref, call, after } : { ref, call },
  );
};

/** A call that was not sent because something sealed can't be opened. */
export const unopened = (reason: DirectoryErrorReason, message: string): DirectoryError =>
  new DirectoryError(reason, message, {
    retry: reason === 'invalid' ? 'never' : 'later',
    workload: 'sign-in',
    status: null,
    code: 'secret.unreadable',
    retryAfterSeconds: null,
    requestId: null,
  });
