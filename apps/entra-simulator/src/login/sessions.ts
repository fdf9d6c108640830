import { randomBytes, randomUUID } from 'node:crypto';
import type { HistoryEntry, SessionEnd, SessionState } from '../control/contract.js';
import { passEndAt } from '../directory/methods.js';
import { isoMillis } from '../foundation/clock.js';
import { digest } from '../foundation/ids.js';
import { hashUnit } from '../foundation/random.js';
import type { Pass, User } from '../state/model.js';
import type { Session } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import type { Writer } from '../state/writer.js';

const day = 86_400_000;
const longestMs = 90 * day;
const mostSessions = 20_000;

interface Beginning {
  readonly by: Session['by'];
  readonly pass: Pass | undefined;
  /** The app that asked for tokens, when it may renew them. */
  readonly clientId: string | null;
  readonly isRenewable: boolean;
}

/**
 * Begins a session. Its access tokens live 60 to 90 minutes, as Entra's do; whatever was begun with a pass ends
 * with the pass. Answers the refresh token as well, the only time that anybody sees it.
 */
export function openSession(
  world: World,
  writer: Writer,
  begin: Beginning & { user: User },
): { session: Session; refreshToken: string } {
  const { user, by, pass, clientId, isRenewable } = begin;
  const id = randomUUID();
  const refreshToken = randomBytes(48).toString('base64url');
  const endsAt = pass === undefined ? writer.at + longestMs : passEndAt(pass);
  const session: Session = {
    id,
    userId: user.id,
    userPrincipalName: user.userPrincipalName,
    at: writer.at,
    by,
    passId: pass?.id ?? null,
    afterSeq: world.history.all().at(-1)?.seq ?? 0,
    endsAt,
    accessTokenEndsAt: Math.min(endsAt, writer.at + accessTokenMs(`${user.id} ${writer.at}`)),
    refreshHash: isRenewable ? refreshHashOf(refreshToken) : null,
    clientId,
  };
  makeRoom(writer);
  writer.put('sessions', id, session);
  return { session, refreshToken };
}

export const sessionOfRefreshToken = (tenant: Tenant, refreshToken: string): Session | undefined =>
  tenant.sessions.lookUp('refresh', refreshHashOf(refreshToken))[0];

/** A renewed session gives another access token; what ends it stays the same. */
export function renewSession(writer: Writer, session: Session): Session {
  const lasts = accessTokenMs(`${session.userId} ${writer.at}`);
  const renewed = { ...session, accessTokenEndsAt: Math.min(session.endsAt, writer.at + lasts) };
  writer.put('sessions', session.id, renewed);
  return renewed;
}

export function stateOfSession(world: World, tenant: Tenant, session: Session): SessionState {
  const endedBy = endOf(world, tenant, session);
  return {
    session: session.id,
    userId: session.userId,
    userPrincipalName: session.userPrincipalName,
    startedAt: isoMillis(session.at),
    by: session.by,
    isAlive: endedBy === undefined,
    ...(endedBy === undefined ? {} : { endedBy }),
    accessTokenEndsAt: isoMillis(session.accessTokenEndsAt),
  };
}

/** A disabled user's session comes back to life when he is enabled and nobody revoked it. */
export function endOf(world: World, tenant: Tenant, session: Session): SessionEnd | undefined {
  const since = world.history.query({
    tenantId: tenant.id,
    userId: session.userId,
    since: session.afterSeq,
  });
  const happened = since.map((entry) => endBy(entry, session)).find((end) => end !== undefined);
  if (happened !== undefined) return happened;
  const user = tenant.users.truth(session.userId);
  if (user === undefined) return 'user-deleted';
  if (world.clock.now() >= session.endsAt) return session.passId === null ? 'expired' : 'pass-expired';
  return user.accountEnabled ? undefined : 'user-disabled';
}

function endBy({ what, details }: HistoryEntry, session: Session): SessionEnd | undefined {
  switch (what) {
    case 'user.deleted':
      return 'user-deleted';
    case 'sessions.revoked':
      return 'sessions-revoked';
    case 'password.set':
      return 'password-changed';
    case 'pass.deleted':
      return details['passId'] === session.passId ? 'pass-deleted' : undefined;
    default:
      return undefined;
  }
}

const refreshHashOf = (refreshToken: string): string => digest('refresh token', refreshToken);

function accessTokenMs(key: string): number {
  const number = Buffer.from(digest('lifetime', key)).readUInt32BE(0);
  return (60 + Math.floor(30 * hashUnit(number, 0))) * 60_000;
}

/** The oldest go first: the store is bounded. */
function makeRoom(writer: Writer): void {
  const { sessions } = writer.tenant;
  if (sessions.size < mostSessions) return;
  for (const oldest of sessions.truths()) {
    writer.put('sessions', oldest.id, undefined);
    return;
  }
}
