import { randomBytes, randomUUID } from 'node:crypto';
import type { ProbeAnswer } from '#directory';
import type { Scene } from '../check.js';
import { fieldsOf, inShort } from '../check.js';

/** The throw-away account and what the checks learn of it. */
export interface CanaryScene extends Scene {
  readonly account: CanaryAccount;
  /** Told the name of another account that a check made, or may have made, and could not delete. */
  readonly onLeft: (upn: string) => void;
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

/** A name that nobody else has. */
export const canaryName = (): string => `curfew-live-check-${randomBytes(4).toString('hex')}`;

/** The account was not seen to be made, and may be there all the same. */
export class MaybeMade extends Error {
  constructor(
    message: string,
    readonly upn: string,
  ) {
    super(message);
  }
}

/** Nothing was said, or nothing of what became of it. */
export const isOpen = ({ status }: Pick<ProbeAnswer, 'status'>): boolean => status === 0 || status >= 500;

/** What a canary is made with: nobody ever learns its password. */
export const canaryBody = (domain: string): Readonly<Record<string, unknown>> => {
  const name = canaryName();
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

/** Makes the account. Throws an `Error` in plain words when Graph refuses, `MaybeMade` when that is not sure. */
export const createCanary = async (
  scene: Scene,
  wish: Pick<CanaryAccount, 'domain' | 'roleId' | 'groupId'>,
  onMade: (upn: string) => void = () => undefined,
): Promise<CanaryAccount> => {
  const body = canaryBody(wish.domain);
  const name = String(body['userPrincipalName']);
  onMade(name);
  const answer = await scene.ask({ method: 'POST', path: '/users', body });
  const created = fieldsOf(answer.body);
  const { id } = created;
  if (answer.status === 201 && typeof id === 'string') return { ...wish, id, name, body, created };
  const isSure = !isOpen(answer) && answer.status !== 201;
  const late = await lookedUp(scene, name, isSure ? 0 : 60_000);
  const found = late['id'];
  if (typeof found === 'string') return { ...wish, id: found, name, body, created: late };
  const why = `The canary account could not be made: ${inShort(answer)}`;
  throw isSure ? new Error(why) : new MaybeMade(why, name);
};

/** It may have been made although the answer was lost. Nothing when it isn't seen, for whatever reason. */
const lookedUp = async (
  scene: Scene,
  name: string,
  atMostMs: number,
): Promise<Readonly<Record<string, unknown>>> => {
  const request = { method: 'GET', path: `/users/${name}` } as const;
  try {
    const { answer } = await scene.until(request, ({ status }) => status === 200, {
      everyMs: 2_000,
      atMostMs,
    });
    return answer.status === 200 ? fieldsOf(answer.body) : {};
  } catch {
    return {};
  }
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
