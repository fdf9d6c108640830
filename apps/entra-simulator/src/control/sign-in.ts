import { groupsOf } from '../directory/memberships.js';
import { isoMillis } from '../foundation/clock.js';
import { decide } from '../login/consent.js';
import { portalTarget, securityInfoTarget } from '../login/destinations.js';
import { stateOfSession } from '../login/sessions.js';
import { signInUser, type SignInOutcome } from '../login/user-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import type { ConsentDecision, SessionState, SignInAttempt, SignInResult } from './contract.js';
import { ControlError } from './control-error.js';
import { portalWriter } from './tenant-spec.js';
import { effectiveRoles } from './truth.js';

/** Tries to sign in to a portal as a user would. */
export function trySignIn(world: World, tenant: Tenant, attempt: SignInAttempt): SignInResult {
  const target = attempt.app === 'securityInfo' ? securityInfoTarget() : portalTarget();
  const outcome = signInUser(world, portalWriter(world, tenant), { attempt, target });
  const { verdict, session } = outcome;
  return {
    ok: outcome.isIn,
    ...(verdict === undefined ? {} : { error: `AADSTS${verdict.code}`, description: verdict.description }),
    ...belongings(tenant, outcome),
    mfa: outcome.proof?.isMfa === true ? 'satisfied' : 'registration-required',
    ...(verdict?.mayRegister === true ? { mayRegister: true } : {}),
    ...(session === undefined
      ? {}
      : { session: session.id, accessTokenEndsAt: isoMillis(session.accessTokenEndsAt) }),
  };
}

function belongings(tenant: Tenant, { isIn, user }: SignInOutcome): Pick<SignInResult, 'roles' | 'groups'> {
  if (!isIn || user === undefined) return { roles: [], groups: [] };
  const groups = groupsOf(tenant, user.id).map(({ id, displayName }) => ({ id, name: displayName }));
  return { roles: effectiveRoles(tenant, user.id), groups };
}

/** Whether the session can still get tokens; undefined when there never was one of this id. */
export function sessionOf(world: World, tenant: Tenant, id: string): SessionState | undefined {
  const session = tenant.sessions.truth(id);
  return session === undefined ? undefined : stateOfSession(world, tenant, session);
}

/** What an admin clicks on the consent page, without the page. */
export function decideConsent(world: World, tenant: Tenant, decision: ConsentDecision): object {
  const result = decide(world, tenant, decision);
  if (result === undefined) throw new ControlError(404, `No app '${decision.clientId}' can be consented to`);
  return result;
}
