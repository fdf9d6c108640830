import { randomInt, randomUUID } from 'node:crypto';
import type { MethodKind, PolicyTarget } from '../control/contract.js';
import { isoMillis } from '../foundation/clock.js';
import { digest } from '../foundation/ids.js';
import type { Method, OtherMethod, Pass, User } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';
import { groupIdsOf } from './reach.js';

export type UsabilityReason =
  'EnabledByPolicy' | 'DisabledByPolicy' | 'Expired' | 'NotYetValid' | 'OneTimeUsed';

export const passEndAt = (pass: Pass): number => pass.startAt + pass.lifetimeInMinutes * 60_000;

export function passUsability(tenant: Tenant, pass: Pass, now: number): UsabilityReason {
  if (!mayUsePasses(tenant, pass.userId)) return 'DisabledByPolicy';
  if (now >= passEndAt(pass)) return 'Expired';
  if (now < pass.startAt) return 'NotYetValid';
  return pass.isUsableOnce && pass.used ? 'OneTimeUsed' : 'EnabledByPolicy';
}

/** The policy is on, and the user is among those it is meant for; exclusion beats inclusion. */
function mayUsePasses(tenant: Tenant, userId: string): boolean {
  const { state, includeTargets, excludeTargets = [] } = tenant.config.passPolicy;
  if (state !== 'enabled') return false;
  if (includeTargets === undefined && excludeTargets.length === 0) return true;
  const groups = groupIdsOf(tenant, userId);
  const isNamed = ({ id }: PolicyTarget): boolean =>
    id === 'all_users' || id.toLowerCase() === userId || groups.has(id.toLowerCase());
  return (includeTargets ?? [everybody]).some(isNamed) && !excludeTargets.some(isNamed);
}

export const everybody: PolicyTarget = { targetType: 'group', id: 'all_users' };

export const isPass = (method: Method): method is Pass => method.kind === 'pass';

const passAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789+#@&*!?$%=';

/** Answers the pass's text as well: the only time that anybody sees it. */
export function mintPass(
  writer: Writer,
  user: User,
  terms: Pick<Pass, 'startAt' | 'lifetimeInMinutes' | 'isUsableOnce'>,
): { pass: Pass; text: string } {
  const id = randomUUID();
  const length = writer.tenant.config.passPolicy.defaultLength;
  const text = Array.from({ length }, () => passAlphabet.charAt(randomInt(passAlphabet.length))).join('');
  const pass: Pass = {
    kind: 'pass',
    id,
    userId: user.id,
    createdAt: writer.at,
    ...terms,
    passHash: digest(id, text),
    used: false,
  };
  writer.put('methods', id, pass);
  writer.note('pass.minted', user, {
    passId: id,
    startDateTime: isoMillis(pass.startAt),
    expiresAt: isoMillis(passEndAt(pass)),
    isUsableOnce: pass.isUsableOnce,
  });
  return { pass, text };
}

export const passMatches = (pass: Pass, text: string): boolean => pass.passHash === digest(pass.id, text);

export function usePass(writer: Writer, user: User, pass: Pass): void {
  writer.put('methods', pass.id, { ...pass, used: true });
  writer.note('pass.used', user, { passId: pass.id });
}

export function addMethod(writer: Writer, user: User, kind: MethodKind): OtherMethod {
  const method: OtherMethod = { kind, id: randomUUID(), userId: user.id, createdAt: writer.at };
  writer.put('methods', method.id, method);
  writer.note('method.added', user, { kind, methodId: method.id });
  return method;
}

export function deleteMethod(writer: Writer, user: User, method: Method): void {
  writer.put('methods', method.id, undefined);
  if (isPass(method)) writer.note('pass.deleted', user, { passId: method.id });
  else writer.note('method.deleted', user, { kind: method.kind, methodId: method.id });
}
