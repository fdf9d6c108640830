import { isPass, passMatches, passUsability, usePass } from '../directory/methods.js';
import { passwordMatches } from '../directory/users.js';
import { asObject } from '../foundation/json.js';
import type { MethodKind, SignInAttempt } from '../control/contract.js';
import { recordSignIn } from '../logs/sign-in-log.js';
import type { Pass, User } from '../state/model.js';
import { usualSignIn, type Session } from '../state/model-sign-in.js';
import type { World } from '../state/world.js';
import type { Writer } from '../state/writer.js';
import { judgeAccess, type Lack } from './conditional-access.js';
import type { SignInTarget } from './destinations.js';
import { countBadTry, forgetBadTries, isLocked } from './lockout.js';
import { openSession } from './sessions.js';
import { passwordlessProof, proofByPass, proofByPassword, strongestFirst, type Proof } from './strengths.js';
import { verdicts, type Verdict } from './verdicts.js';

export interface SignInOutcome {
  readonly isIn: boolean;
  readonly user?: User;
  readonly verdict?: Verdict;
  readonly proof?: Proof;
  readonly session?: Session;
  readonly refreshToken?: string;
}

/** What the bearer showed, and how far that carries. */
interface Shown {
  readonly proof: Proof;
  readonly by: Session['by'];
  readonly pass?: Pass;
  readonly isPasswordExpired?: boolean;
}

/**
 * Tries to sign a user in, by the truth: credential first, then Conditional Access and MFA. A one-time pass is used
 * up by it, every attempt is a row of the sign-in log, and who gets in has a session.
 */
export function signInUser(
  world: World,
  writer: Writer,
  request: { attempt: SignInAttempt; target: SignInTarget },
): SignInOutcome {
  const { attempt, target } = request;
  const [user] = writer.tenant.users.lookUp('upn', attempt.userPrincipalName.toLowerCase());
  const shown: Shown | Verdict =
    user === undefined ? verdicts.unknownUser : showCredential(writer, user, attempt);
  if (user === undefined || isVerdict(shown)) {
    const verdict = isVerdict(shown) ? shown : verdicts.unknownUser;
    recordSignIn(writer, { attempt, user, target, verdict, applied: [] });
    return { isIn: false, verdict, ...(user === undefined ? {} : { user }) };
  }
  const { verdict, applied } = judge(writer, { user, shown, target, attempt });
  recordSignIn(writer, { attempt, user, target, verdict, applied });
  const isIn = verdict === undefined || (verdict.isInterrupt === true && !target.isUnattended);
  const outcome = { isIn, user, proof: shown.proof, ...(verdict === undefined ? {} : { verdict }) };
  if (!isIn) return outcome;
  return { ...outcome, ...openSession(world, writer, beginning(user, shown, target)) };
}

const isVerdict = (shown: Shown | Verdict): shown is Verdict => 'code' in shown;

const beginning = (user: User, { by, pass }: Shown, target: SignInTarget) => ({
  user,
  by,
  pass,
  clientId: target.kind === 'resource' ? target.appId : null,
  isRenewable: target.wantsRefreshToken,
});

function showCredential(writer: Writer, user: User, attempt: SignInAttempt): Shown | Verdict {
  const { password, temporaryAccessPass, method } = attempt;
  if (temporaryAccessPass !== undefined) {
    return user.accountEnabled ? showPass(writer, user, temporaryAccessPass) : verdicts.disabled;
  }
  if (password === undefined && method !== undefined && method !== 'none') {
    return showMethod(writer, user, method);
  }
  return showPassword(writer, user, { password: password ?? '', method });
}

/** A wrong password is told before the account's state, so that nobody can probe for disabled accounts. */
function showPassword(
  writer: Writer,
  user: User,
  { password, method }: { password: string; method: SignInAttempt['method'] },
): Shown | Verdict {
  if (isLocked(writer.tenant, user, writer.at)) return verdicts.locked;
  if (!passwordMatches(user, password)) {
    countBadTry(writer, user, password);
    return verdicts.wrongPassword;
  }
  if (!user.accountEnabled) return verdicts.disabled;
  forgetBadTries(writer, user);
  const held = methodsOf(writer, user);
  const used = method === undefined ? strongestFirst.find((kind) => held.has(kind)) : method;
  const second = used !== undefined && used !== 'none' && held.has(used) ? used : undefined;
  return {
    proof: proofByPassword(second),
    by: 'password',
    isPasswordExpired: asObject(user.properties['passwordProfile'])['forceChangePasswordNextSignIn'] === true,
  };
}

function showMethod(writer: Writer, user: User, method: MethodKind): Shown | Verdict {
  const proof = passwordlessProof(method);
  if (proof === undefined || !methodsOf(writer, user).has(method)) return verdicts.unknownKey;
  return user.accountEnabled ? { proof, by: method } : verdicts.disabled;
}

function showPass(writer: Writer, user: User, text: string): Shown | Verdict {
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
      return { proof: proofByPass(pass.isUsableOnce), by: 'pass', pass };
  }
}

const methodsOf = (writer: Writer, user: User): ReadonlySet<MethodKind> =>
  new Set(
    writer.tenant.methods.lookUp('user', user.id).flatMap((method) => (isPass(method) ? [] : [method.kind])),
  );

interface Case {
  readonly user: User;
  readonly shown: Shown;
  readonly target: SignInTarget;
  readonly attempt: SignInAttempt;
}

/** What keeps out for good is told before what the bearer can satisfy, an expired password before missing MFA. */
function judge(writer: Writer, { user, shown, target }: Case) {
  const { tenant } = writer;
  const { proof } = shown;
  const { applied, lack } = judgeAccess({ tenant, user, destination: target, proof });
  const methods = methodsOf(writer, user);
  const wanted = lack ?? (asksForMfa(writer, target) && !proof.isMfa ? 'mfa' : undefined);
  const verdict = wanted === undefined ? undefined : verdictOn(wanted, proof, methods.size > 0);
  const isFinal = verdict !== undefined && verdict.isInterrupt !== true;
  return { applied, verdict: !isFinal && shown.isPasswordExpired === true ? verdicts.mustChange : verdict };
}

/** Microsoft's own rule covers the admin portals and Azure Resource Manager, in every cloud but China's. */
function asksForMfa({ tenant }: Writer, target: SignInTarget): boolean {
  const { mandatoryMfa, securityDefaults } = tenant.config.signIn ?? usualSignIn;
  if (target.kind === 'securityInfo') return false;
  return (
    securityDefaults || (mandatoryMfa && target.isAdminSurface && tenant.config.switches.cloud !== 'china')
  );
}

function verdictOn(lack: Lack, proof: Proof, hasMethods: boolean): Verdict {
  switch (lack) {
    case 'block':
      return verdicts.blocked;
    case 'device':
      return verdicts.needsDevice;
    case 'strength':
      return proof.isMfa || !hasMethods ? verdicts.needsStrengthAndMayRegister : verdicts.needsStrength;
    case 'mfa':
      return hasMethods ? verdicts.needsSecondFactor : verdicts.mustRegister;
  }
}
