import { groupsOf } from '../directory/memberships.js';
import { isPass, passMatches, passUsability, usePass } from '../directory/methods.js';
import { passwordMatches } from '../directory/users.js';
import { asObject } from '../foundation/json.js';
import type { User } from '../state/model.js';
import type { Writer } from '../state/writer.js';
import type { SignInAttempt, SignInResult } from './contract.js';
import { effectiveRoles } from './truth.js';

interface Verdict {
  readonly code: number;
  readonly description: string;
  /** The bearer can satisfy it alone: it does not keep anybody out. */
  readonly isInterrupt?: boolean;
}

const verdicts = {
  unknownUser: { code: 50034, description: 'The user account does not exist in the directory.' },
  disabled: { code: 50057, description: 'The user account is disabled.' },
  wrongPassword: {
    code: 50126,
    description: 'Error validating credentials due to invalid username or password.',
  },
  wrongPass: { code: 130503, description: 'Your Temporary Access Pass is incorrect.' },
  expiredPass: { code: 130502, description: 'Your Temporary Access Pass is expired or not valid yet.' },
  usedPass: { code: 130507, description: 'The Temporary Access Pass can only be used once.' },
  passOff: { code: 130500, description: 'Temporary Access Pass sign-in was blocked by policy.' },
  mustChange: { code: 50055, description: 'The password is expired and must be changed.', isInterrupt: true },
  mustRegister: {
    code: 50079,
    description: 'The user is required to enrol for multi-factor authentication.',
    isInterrupt: true,
  },
} as const satisfies Record<string, Verdict>;

/** Tries to sign in to a portal as a user would; reads the truth, and uses a one-time pass up. */
export function trySignIn(writer: Writer, attempt: SignInAttempt): SignInResult {
  const { tenant } = writer;
  const [user] = tenant.users.lookUp('upn', attempt.userPrincipalName.toLowerCase());
  if (user === undefined) return answer(verdicts.unknownUser);
  const refusal = user.accountEnabled ? verdictOn(writer, user, attempt) : disabledOrWrong(user, attempt);
  const isIn = refusal === undefined || refusal.isInterrupt === true;
  return {
    ...answer(refusal),
    roles: isIn ? effectiveRoles(tenant, user.id) : [],
    groups: isIn ? groupsOf(tenant, user.id).map(({ id, displayName }) => ({ id, name: displayName })) : [],
    mfa: refusal === undefined || refusal === verdicts.mustChange ? 'satisfied' : 'registration-required',
  };
}

/** A wrong password is told before the account's state, so that nobody can probe for disabled accounts. */
const disabledOrWrong = (user: User, { password }: SignInAttempt): Verdict =>
  password !== undefined && !passwordMatches(user, password) ? verdicts.wrongPassword : verdicts.disabled;

function verdictOn(writer: Writer, user: User, attempt: SignInAttempt): Verdict | undefined {
  if (attempt.temporaryAccessPass !== undefined)
    return verdictOnPass(writer, user, attempt.temporaryAccessPass);
  if (!passwordMatches(user, attempt.password ?? '')) return verdicts.wrongPassword;
  const hasStrongMethod = writer.tenant.methods.lookUp('user', user.id).some((method) => !isPass(method));
  if (!hasStrongMethod) return verdicts.mustRegister;
  const profile = asObject(user.properties['passwordProfile']);
  return profile['forceChangePasswordNextSignIn'] === true ? verdicts.mustChange : undefined;
}

function verdictOnPass(writer: Writer, user: User, text: string): Verdict | undefined {
  const passes = writer.tenant.methods.lookUp('user', user.id).filter(isPass);
  const pass = passes.find((one) => passMatches(one, text));
  if (pass === undefined) return verdicts.wrongPass;
  switch (passUsability(writer.tenant, pass, writer.at)) {
    case 'DisabledByPolicy':
      return verdicts.passOff;
    case 'Expired':
    case 'NotYetValid':
      return verdicts.expiredPass;
    case 'OneTimeUsed':
      return verdicts.usedPass;
    case 'EnabledByPolicy':
      usePass(writer, user, pass);
      return undefined;
  }
}

function answer(verdict: Verdict | undefined): SignInResult {
  const nothing = { roles: [], groups: [], mfa: 'registration-required' } as const;
  if (verdict === undefined) return { ok: true, ...nothing, roles: [], groups: [] };
  return {
    ok: verdict.isInterrupt === true,
    error: `AADSTS${verdict.code}`,
    description: verdict.description,
    ...nothing,
    roles: [],
    groups: [],
  };
}
