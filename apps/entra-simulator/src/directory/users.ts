import { isoSeconds } from '../foundation/clock.js';
import { digest } from '../foundation/ids.js';
import { asObject, type Json } from '../foundation/json.js';
import type { User } from '../state/model.js';
import type { Writer } from '../state/writer.js';
import { forgetEdges } from './groups.js';
import { keptMs } from './kept.js';

export interface UserChanges {
  accountEnabled?: boolean;
  userPrincipalName?: string;
  password?: string;
  /** Merged over what is there; onPremisesExtensionAttributes attribute by attribute. */
  properties?: Json;
}

export type NewUser = UserChanges & { id: string; userPrincipalName: string };

export function createUser(writer: Writer, spec: NewUser): User {
  const now = isoSeconds(writer.at);
  const stamps = { createdDateTime: now, signInSessionsValidFromDateTime: now };
  const user: User = {
    id: spec.id,
    userPrincipalName: spec.userPrincipalName,
    accountEnabled: spec.accountEnabled ?? true,
    passwordHash: spec.password === undefined ? null : digest(spec.id, spec.password),
    properties: {
      ...mergeProperties({}, spec.properties ?? {}),
      ...stamps,
      ...(spec.password === undefined ? {} : { lastPasswordChangeDateTime: now }),
    },
  };
  writer.put('users', user.id, user);
  writer.note('user.created', user, {
    accountEnabled: user.accountEnabled,
    extensionAttribute15: extensionAttribute15(user),
  });
  return user;
}

export function changeUser(writer: Writer, user: User, changes: UserChanges): User {
  const password = changes.password === undefined ? {} : newPassword(writer, user.id, changes.password);
  const changed: User = {
    ...user,
    accountEnabled: changes.accountEnabled ?? user.accountEnabled,
    userPrincipalName: changes.userPrincipalName ?? user.userPrincipalName,
    passwordHash: password.hash ?? user.passwordHash,
    properties: { ...mergeProperties(user.properties, changes.properties ?? {}), ...password.stamps },
  };
  writer.put('users', user.id, changed);
  noteChanges(writer, changed, { before: user, changes });
  return changed;
}

/** Soft: memberships and role assignments stay on the shelf and come back with the user. */
export function deleteUser(writer: Writer, user: User): void {
  writer.put('users', user.id, undefined);
  writer.put('deletedUsers', user.id, {
    ...user,
    deletedAt: writer.at,
    dueAt: writer.at + keptMs,
  });
  writer.note('user.deleted', user);
}

export function restoreUser(writer: Writer, user: User, userPrincipalName = user.userPrincipalName): User {
  const { deletedAt: _, dueAt: __, ...rest } = user;
  const restored: User = { ...rest, userPrincipalName };
  writer.put('deletedUsers', user.id, undefined);
  writer.put('users', user.id, restored);
  writer.note('user.restored', restored, { accountEnabled: restored.accountEnabled });
  return restored;
}

export function purgeUser(writer: Writer, user: User): void {
  writer.put('deletedUsers', user.id, undefined);
  forgetEdges(writer, user.id);
  writer.note('user.purged', user);
}

export function revokeSessions(writer: Writer, user: User): void {
  const properties = { ...user.properties, signInSessionsValidFromDateTime: isoSeconds(writer.at) };
  writer.put('users', user.id, { ...user, properties });
  writer.note('sessions.revoked', user);
}

export const passwordMatches = (user: User, password: string): boolean =>
  user.passwordHash !== null && user.passwordHash === digest(user.id, password);

export const extensionAttribute15 = (user: User): string | null => {
  const value = asObject(user.properties['onPremisesExtensionAttributes'])['extensionAttribute15'];
  return typeof value === 'string' ? value : null;
};

function newPassword(writer: Writer, userId: string, password: string): { hash?: string; stamps?: Json } {
  const now = isoSeconds(writer.at);
  return {
    hash: digest(userId, password),
    stamps: { lastPasswordChangeDateTime: now, signInSessionsValidFromDateTime: now },
  };
}

function mergeProperties(before: Readonly<Json>, changes: Json): Json {
  const merged = { ...before, ...changes };
  if (changes['onPremisesExtensionAttributes'] !== undefined) {
    merged['onPremisesExtensionAttributes'] = {
      ...asObject(before['onPremisesExtensionAttributes']),
      ...asObject(changes['onPremisesExtensionAttributes']),
    };
  }
  return merged;
}

function noteChanges(
  writer: Writer,
  user: User,
  { before, changes }: { before: User; changes: UserChanges },
): void {
  if (user.accountEnabled !== before.accountEnabled) {
    writer.note(user.accountEnabled ? 'user.enabled' : 'user.disabled', user);
  }
  if (changes.password !== undefined) writer.note('password.set', user);
  const names = Object.keys(changes.properties ?? {});
  if (user.userPrincipalName !== before.userPrincipalName) names.push('userPrincipalName');
  if (names.length > 0) writer.note('user.updated', user, { properties: names });
}
