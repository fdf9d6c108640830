import { randomBytes, randomUUID } from 'node:crypto';
import type { Scene } from '../check.js';
import { fieldsOf, inShort } from '../check.js';

/** The throw-away account and what the checks learn of it. */
export interface CanaryScene extends Scene {
  readonly account: CanaryAccount;
}

export interface CanaryAccount {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What POST /users answered. */
  readonly created: Readonly<Record<string, unknown>>;
  /** The role that is given and taken away. */
  readonly roleId: string;
  readonly groupId: string | null;
}

/** By which Curfew and people know the account: nobody else's is ever touched. */
export const MARKER = 'curfew live-check canary';
const DELETE_TRIES = { everyMs: 2_000, atMostMs: 300_000 };

/** What a canary is made with: nobody ever learns its password. */
export const canaryBody = (domain: string): Readonly<Record<string, unknown>> => {
  const name = `curfew-live-check-${randomBytes(4).toString('hex')}`;
  return {
    accountEnabled: false,
    displayName: 'Curfew live check (throw-away)',
    mailNickname: name,
    userPrincipalName: `${name}@${domain}`,
    passwordProfile: { password: newPassword(), forceChangePasswordNextSignIn: false },
    onPremisesExtensionAttributes: { extensionAttribute15: MARKER },
  };
};

export const newPassword = (): string => `Aa1-${randomUUID()}`;

/** Makes the account. Throws an `Error` in plain words when Graph refuses. */
export const createCanary = async (
  scene: Scene,
  wish: Pick<CanaryAccount, 'domain' | 'roleId' | 'groupId'>,
): Promise<CanaryAccount> => {
  const body = canaryBody(wish.domain);
  const answer = await scene.ask({ method: 'POST', path: '/users', body });
  const created = fieldsOf(answer.body);
  const { id } = created;
  if (answer.status === 201 && typeof id === 'string')
    return { ...wish, id, name: String(body['userPrincipalName']), body, created };
  // It may have been made although the answer was lost.
  const late = await scene.until(
    { method: 'GET', path: `/users/${String(body['userPrincipalName'])}` },
    (found) => found.status === 200,
    { everyMs: 2_000, atMostMs: answer.status === 0 || answer.status >= 500 ? 60_000 : 0 },
  );
  const found = fieldsOf(late.answer.body)['id'];
  if (late.answer.status !== 200 || typeof found !== 'string')
    throw new Error(`The canary account could not be made: ${inShort(answer)}`);
  return {
    ...wish,
    id: found,
    name: String(body['userPrincipalName']),
    body,
    created: fieldsOf(late.answer.body),
  };
};

/** Deletes the account, again and again while Graph doesn't let us. Answers whether it is gone, and what was said last. */
export const deleteCanary = async (
  scene: Scene,
  { id }: CanaryAccount,
): Promise<{ readonly gone: boolean; readonly said: string; readonly waitedMs: number }> => {
  const isGone = (status: number): boolean => status === 204;
  const { answer, waitedMs } = await scene.until(
    { method: 'DELETE', path: `/users/${id}` },
    ({ status }) => isGone(status),
    DELETE_TRIES,
  );
  if (isGone(answer.status)) return { gone: true, said: inShort(answer), waitedMs };
  const read = await scene.read(`/users/${id}?$select=id`);
  return { gone: read.status === 404, said: inShort(answer), waitedMs };
};
