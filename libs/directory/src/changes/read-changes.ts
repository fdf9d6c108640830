import { DirectoryError, type UserChange, type UserChanges } from '#core/accounts';
import type { ObjectId } from '#core/shared';
import { entraId, MalformedAnswer } from '../answer-fields.js';
import { elementsOf, nextLinkOf } from '../answers.js';
import { unreadable } from '../catalogue/read-failure.js';
import type { ReadStage } from '../catalogue/read-list.js';
import { fieldsOf, problemOf, textOf, type GraphAnswer } from '../graph-answer.js';

type Fields = Readonly<Record<string, unknown>>;

const BEGINNING = '/users/delta?$select=id,userPrincipalName,accountEnabled,onPremisesExtensionAttributes';
/** Any one of these application permissions opens it. */
export const CHANGES_OPENED_BY = [
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
/** Of some hundred users each; what follows is read from the cursor, next time. */
const MOST_PAGES = 50;
/** So that what was read is written down in one short transaction; no page is begun with as many. */
const MOST_CHANGES = 1_000;

interface Page {
  readonly changes: readonly UserChange[];
  readonly cursor: string;
  readonly isLast: boolean;
}

/** Reads what is behind the cursor, as far as time and pages go. Throws `DirectoryError` when that is nothing. */
export const readChanges = async (stage: ReadStage, cursor: string | null): Promise<UserChanges> => {
  if (cursor === null) return { ...(await readOn(stage, BEGINNING)), restarted: false };
  if (!isOurs(cursor)) throw strange();
  try {
    return { ...(await readOn(stage, cursor)), restarted: false };
  } catch (error) {
    if (!(error instanceof PlaceLost)) throw error;
    // Where to begin anew stands in Location too; our own way has the fields that we ask for.
    return { ...(await readOn(stage, BEGINNING)), restarted: true };
  }
};

/** Also in the middle: what was told before belongs to a list that will not be told to its end. */
const readOn = async (stage: ReadStage, from: string): Promise<Omit<UserChanges, 'restarted'>> => {
  const known = new Map<ObjectId, UserChange>();
  let cursor = from;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await pageAt(stage, cursor, from);
    if (page instanceof DirectoryError) {
      if (pages === 0) throw page;
      break;
    }
    for (const change of page.changes) known.set(change.objectId, merged(known.get(change.objectId), change));
    cursor = page.cursor;
    if (page.isLast) return { changes: [...known.values()], cursor, caughtUp: true };
    if (known.size >= MOST_CHANGES) break;
  }
  return { changes: [...known.values()], cursor, caughtUp: false };
};

const pageAt = async (stage: ReadStage, path: string, from: string): Promise<Page | DirectoryError> => {
  const { client, app, signal } = stage;
  const answer = await client.send(app, { method: 'GET', path, priority: 'Low' }, signal);
  // From the beginning there is nothing to lose: there it is a failure like any other.
  if (isStateLost(answer) && from !== BEGINNING) throw new PlaceLost();
  return pageIn(answer, stage);
};

class PlaceLost extends Error {
  override readonly name = 'PlaceLost';
}

/** Under our own path, and with the token by which Graph knows where we were. It came out of a store, so it is checked. */
const isOurs = (cursor: string): boolean =>
  cursor.length <= 16_384 &&
  /^\/users\/(microsoft\.graph\.)?delta(\(\))?\?[\x21\x22\x24-\x5b\x5d-\x7e]+$/.test(cursor) &&
  /[?&](\$|%24)(delta|skip)token=[^&]/i.test(cursor);

const strange = (): DirectoryError =>
  new DirectoryError('invalid', 'The cursor is none that came from here.', {
    retry: 'never',
    workload: 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });

/** The place is too old (7 days), or Graph has forgotten it. Source: graph/delta-query-overview, "synchronization reset". */
const isStateLost = ({ status, body }: GraphAnswer): boolean =>
  status === 410 || (status >= 400 && status < 500 && /syncState|resync/i.test(problemOf(body).code ?? ''));

const pageIn = (answer: GraphAnswer, { client, failure }: ReadStage): Page | DirectoryError => {
  if (answer.status !== 200) return failure(answer);
  try {
    const changes = elementsOf(answer.body).map(changeOf);
    const onward = nextLinkOf(answer.body);
    const link = onward ?? textOf(fieldsOf(answer.body)['@odata.deltaLink']);
    const cursor = link === null ? null : client.pathOf(link);
    if (cursor === null || !isOurs(cursor))
      return unreadable('The list of changes goes on nowhere, or elsewhere.');
    return { changes, cursor, isLast: onward === null };
  } catch (error) {
    if (error instanceof MalformedAnswer) return unreadable(error.message);
    throw error;
  }
};

const changeOf = (fields: Fields): UserChange => {
  const { '@removed': removal, accountEnabled, userPrincipalName, onPremisesExtensionAttributes } = fields;
  return {
    objectId: entraId(fields, 'id'),
    removed: removalOf(removal),
    ...(typeof accountEnabled === 'boolean' ? { enabled: accountEnabled } : {}),
    ...(typeof userPrincipalName === 'string' ? { upn: userPrincipalName } : {}),
    ...(onPremisesExtensionAttributes === undefined
      ? {}
      : { marker: textOf(fieldsOf(onPremisesExtensionAttributes)['extensionAttribute15']) }),
  };
};

/** `changed` is the recycle bin, from which it may come back. */
const removalOf = (removal: unknown): UserChange['removed'] => {
  if (removal === undefined || removal === null) return null;
  return fieldsOf(removal)['reason'] === 'deleted' ? 'hard' : 'soft';
};

/** Graph tells a user more than once, on one page or on several; each telling may have other fields. */
const merged = (before: UserChange | undefined, now: UserChange): UserChange => ({ ...before, ...now });
