import { randomUUID } from 'node:crypto';
import type { SignInAttempt } from '../control/contract.js';
import { isText } from '../foundation/json.js';
import type { SignInTarget } from '../login/destinations.js';
import type { Verdict } from '../login/verdicts.js';
import type { User } from '../state/model.js';
import type { AppliedPolicy, SignInRow } from '../state/model-sign-in.js';
import type { Writer } from '../state/writer.js';

const mostRows = 20_000;
const nobody = '00000000-0000-0000-0000-000000000000';

interface Attempted {
  readonly attempt: SignInAttempt;
  readonly user: User | undefined;
  readonly target: SignInTarget;
  readonly verdict: Verdict | undefined;
  readonly applied: readonly AppliedPolicy[];
}

/** Every attempt is a row, good or bad; what was typed as a password is in none of them. */
export function recordSignIn(writer: Writer, attempted: Attempted): void {
  const { target, applied, verdict = { code: 0, description: 'Other.' } } = attempted;
  const row: SignInRow = {
    id: randomUUID(),
    at: writer.at,
    ...whoOf(attempted),
    appId: target.appId,
    appDisplayName: target.appDisplayName,
    resourceDisplayName: target.resourceDisplayName,
    clientAppUsed: target.clientAppType === 'browser' ? 'Browser' : 'Mobile Apps and Desktop clients',
    correlationId: target.correlationId,
    errorCode: verdict.code,
    failureReason: verdict.description,
    policies: applied,
  };
  makeRoom(writer);
  writer.put('signIns', row.id, row);
}

function whoOf({ user, attempt }: Attempted) {
  if (user === undefined) {
    return { userId: nobody, userPrincipalName: attempt.userPrincipalName, userDisplayName: null };
  }
  const { id, userPrincipalName, properties } = user;
  const displayName = properties['displayName'];
  return { userId: id, userPrincipalName, userDisplayName: isText(displayName) ? displayName : null };
}

/** The oldest go first: the store is bounded. */
function makeRoom(writer: Writer): void {
  const { signIns } = writer.tenant;
  if (signIns.size < mostRows) return;
  for (const oldest of signIns.truths()) {
    writer.put('signIns', oldest.id, undefined);
    return;
  }
}
