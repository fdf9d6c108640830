import { MINUTE, SECOND, type AccountId, type Instant } from '#core/shared';
import { nameOf } from './judge-spans.js';
import type { Oracle } from './oracle.js';
import type { WatchedObject } from './tenant-watch.js';
import { endOf, type Right } from './promises.js';

/** A right that was left in peace for so long is given. */
const PEACE_MS = 4 * MINUTE;
/**
 * Whoever takes something from an account in Entra has the last word; so has a call that was held on its way, and takes it from a
 * grant that began meanwhile.
 */
const STOPPED_MS = 20 * MINUTE;

/** While it plays: what runs in peace is given. Curfew that gives nothing would break no other promise. */
export const judgeGiven = (oracle: Oracle): void => {
  const { now } = oracle.world.scheduler;
  for (const right of oracle.promises.rights.values()) {
    const since = now - PEACE_MS;
    if (right.changedAt > since || right.startsAt > since || endOf(right) <= now + SECOND) continue;
    if (!oracle.disturbances.isQuiet({ from: since - MINUTE, to: now }, right.customerId)) continue;
    if (lackedWorkers(oracle, since)) continue;
    if (isGiven(oracle, right) || isExcused(oracle, right)) continue;
    oracle.accuse(
      'given',
      `${nameOf(oracle, right.accountId)} was promised ${right.roles.join()} and has not got it`,
    );
  }
};

/** Nobody was there to give it. */
const lackedWorkers = ({ hasNoWorker, workersAway }: Oracle, since: Instant): boolean =>
  hasNoWorker || workersAway.some(({ to }) => to > since - MINUTE);

const isGiven = (oracle: Oracle, { accountId, roles, groups }: Right): boolean =>
  oracle.world.watch.of(accountId).some(({ objectId, tenant }) => {
    const user = tenant.user(objectId);
    const held: readonly string[] = [...(user?.roles ?? []), ...(user?.groups ?? [])];
    return user?.enabled === true && [...roles, ...groups].every((each) => held.includes(each));
  });

/** It failed, and says so; or somebody has had his hands in it. */
const isExcused = (oracle: Oracle, { accountId, grantId }: Right): boolean => {
  const { database, scheduler, watch } = oracle.world;
  const state = database.rows().grants.find(({ id }) => id === grantId)?.state;
  const isTouched = watch
    .of(accountId)
    .some(({ touchedAt, lateAt }) => scheduler.now - Math.max(touchedAt, lateAt) < STOPPED_MS);
  return isTouched || state === 'failed' || state === 'ending' || state === 'ended' || diedUntold(oracle);
};

/**
 * What the revoker took from memory while the database was away, it tells when that is back. Where it dies before, nobody
 * knows of it until the account is compared: too early off, which breaks no promise.
 */
const diedUntold = (oracle: Oracle): boolean =>
  oracle.revokerAway.some(({ from }) => oracle.disturbances.databaseAway({ from: 0, to: from }).length > 0);

/** At the end, when all faults have ceased and everything had time: nothing is left anywhere. */
export const judgeRest = (oracle: Oracle): void => {
  for (const object of oracle.world.watch.objects.values()) if (object.exists) judgeObject(oracle, object);
  judgeGrants(oracle);
  const { database, scheduler } = oracle.world;
  for (const { upn, takeAt } of database.rows().accounts)
    if (takeAt !== null && takeAt <= scheduler.now - MINUTE)
      oracle.accuse('rest', `${upn} owes an end for ${(scheduler.now - takeAt) / SECOND} s at the end`);
};

const judgeObject = (oracle: Oracle, object: WatchedObject): void => {
  const name = nameOf(oracle, object.accountId);
  if (object.enabledSince !== null) oracle.accuse('rest', `${name} is enabled at the end`);
  // What hands give to a parked account is found within a day, and goes before anything is given to it.
  const isTouched = object.touchedAt > lastEndOf(oracle, object.accountId);
  const left = isTouched ? [] : oracle.notGiven(object, []);
  if (left.length > 0) oracle.accuse('rest', `${name} holds ${left.join(', ')} at the end`);
  // Whoever renames or restores one makes another of its name possible.
  const own = oracle.world.watch
    .of(object.accountId)
    .filter(({ exists, touchedAt }) => exists && touchedAt < 0);
  const others = own.length - 1;
  if (others > 0) oracle.accuse('I12', `${name} has ${others} objects beside its own`);
};

const judgeGrants = (oracle: Oracle): void => {
  const { audit, grants } = oracle.world.database.rows();
  for (const { id, state } of grants) {
    if (state !== 'ended') oracle.accuse('rest', `grant ${id} is ${state} at the end`);
    const ended = audit.filter(({ subject, action }) => subject.id === id && action === 'grant.ended');
    if (ended.length !== 1)
      oracle.accuse('I10', `the log says ${ended.length} times that grant ${id} has ended`);
  }
};

const lastEndOf = (oracle: Oracle, accountId: AccountId): Instant =>
  Math.max(
    0,
    ...[...oracle.promises.rights.values()].filter((each) => each.accountId === accountId).map(endOf),
  );
