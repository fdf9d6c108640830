import { DirectoryError, type Directory } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import type { GraphProbe } from '#directory';
import {
  canaryName,
  createCanary,
  deleteCanary,
  MaybeMade,
  type CanaryAccount,
  type CanaryScene,
} from './canary/account.js';
import { walkGrant } from './canary/adapter-walk.js';
import { credentialChecks } from './canary/credentials.js';
import { roleChecks } from './canary/roles.js';
import { userChecks } from './canary/users.js';
import {
  differs,
  elementsOf,
  heldIf,
  notChecked,
  Scene,
  type Check,
  type Finding,
  type Time,
} from './check.js';
import { batchChecks } from './checks/batches.js';
import { directoryChecks } from './checks/directory.js';
import { signInChecks } from './checks/sign-in.js';
import { workloadChecks } from './checks/workloads.js';
import { lineOf, reportOf, scrubber, type Line, type Report } from './report.js';

/** Those that write nothing. */
export const readOnlyChecks: readonly Check[] = [
  ...signInChecks,
  ...directoryChecks,
  ...batchChecks,
  ...workloadChecks,
];
/** Those that need the throw-away account. */
export const canaryChecks: readonly Check<CanaryScene>[] = [
  ...userChecks,
  ...credentialChecks,
  ...roleChecks,
];

export interface LiveCheckOptions extends Time {
  readonly app: EntraApp;
  readonly probe: GraphProbe;
  /** Curfew's own adapter, for the walk at the end of the canary. */
  readonly directory: Directory;
  /** Null: nothing is written. */
  readonly canary: CanaryWish | null;
  /** Told of each line as it comes. */
  readonly onLine?: (line: Line) => void;
  /** Told the name of an account before it is made; like the one below for the screen alone, the report has no names. */
  readonly onMade?: (upn: string) => void;
  /** Told the name of an account that could not be deleted, or that may be there although its making failed. */
  readonly onLeft: (upn: string) => void;
  /** Ends the checks; what was made is deleted all the same, before this returns. */
  readonly stop?: AbortSignal;
}

export interface CanaryWish {
  /** Null: the tenant's initial domain. */
  readonly domain: string | null;
  /** Given to the throw-away account while it is disabled. */
  readonly roleId: string;
  readonly groupId: string | null;
}

/** Runs the checks one after the other. Throws `DirectoryError` when no token can be had: nothing can be checked then. */
export const liveCheck = async (options: LiveCheckOptions): Promise<Report> => {
  const { app, probe, now, canary, stop } = options;
  await probe.token();
  const scene = new Scene(probe, { now, wait: waitUntil(stop, options.wait) });
  const { names, initial } = await namesOf(scene);
  const secret = app.credential.value.expose();
  const scrub = scrubber([...names, canary?.domain ?? '', app.tenantId, app.clientId, secret]);
  const lines: Line[] = [];
  const tell = (check: Omit<Check, 'run'>, finding: Finding): void => {
    const line = lineOf(check, finding, scrub);
    lines.push(line);
    options.onLine?.(line);
  };
  for (const check of readOnlyChecks) tell(check, await findingOf(() => check.run(scene), stop));
  if (canary !== null) await playCanary({ ...options, canary }, { scene, initial, tell });
  return reportOf(lines, { at: new Date(now()).toISOString(), cloud: app.cloud, canary: canary !== null });
};

/** Waits that the signal breaks off. */
const waitUntil =
  (stop: AbortSignal | undefined, wait: Time['wait']): Time['wait'] =>
  async (ms) => {
    if (stop === undefined) return wait(ms);
    stop.throwIfAborted();
    let end = (): void => undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      end = (): void => reject(stop.reason as Error);
      stop.addEventListener('abort', end, { once: true });
    });
    await Promise.race([wait(ms), stopped]).finally(() => stop.removeEventListener('abort', end));
  };

/** Whatever a check trips over is a line, so that one surprise does not hide the rest. */
const findingOf = async (run: () => Promise<Finding>, stop?: AbortSignal): Promise<Finding> => {
  const isStopped = (): boolean => stop?.aborted === true;
  if (isStopped()) return STOPPED;
  try {
    return await run();
  } catch (error) {
    if (isStopped()) return STOPPED;
    if (error instanceof DirectoryError) return notChecked(error.message);
    if (error instanceof Error) return differs(`The check itself failed: ${error.message}`);
    throw error;
  }
};

const STOPPED = notChecked('The live check was stopped before it came to an end.');

/** What the tenant calls itself: never to leave the house. */
const namesOf = async (scene: Scene): Promise<{ names: readonly string[]; initial: string | null }> => {
  const organization = elementsOf(await scene.read('/organization?$select=displayName'));
  const domains = elementsOf(await scene.read('/domains'));
  const initial = domains.find((domain) => domain['isInitial'] === true)?.['id'];
  const texts = [...organization.map(({ displayName }) => displayName), ...domains.map(({ id }) => id)];
  return {
    names: texts.filter((text) => typeof text === 'string'),
    initial: typeof initial === 'string' ? initial : null,
  };
};

interface Play {
  readonly scene: Scene;
  readonly initial: string | null;
  readonly tell: (check: Omit<Check, 'run'>, finding: Finding) => void;
}

const CREATED = {
  id: 'canary.created',
  assumes: 'A throw-away account can be made.',
  evidence: 'documented',
  scenarios: ['S014'],
} as const;
const GONE = {
  id: 'canary.gone',
  assumes: 'The throw-away account is deleted with 204, whatever it was given, and can be found no more.',
  evidence: 'documented',
  scenarios: ['S045', 'S046'],
} as const;
const WALK = {
  id: 'canary.walk',
  assumes: "A grant's whole life goes through Curfew's own adapter, from create to delete.",
  evidence: 'our choice',
  scenarios: [],
} as const;

const playCanary = async (
  options: LiveCheckOptions & { readonly canary: CanaryWish },
  { scene, initial, tell }: Play,
): Promise<void> => {
  const { app, probe, directory, wait, canary, onMade, onLeft, stop } = options;
  const domain = canary.domain ?? initial;
  if (domain === null)
    return tell(CREATED, notChecked('No domain is named, and the initial one cannot be read.'));
  if (stop?.aborted === true) return tell(CREATED, STOPPED);
  // What makes and deletes the account waits for as long as it takes.
  const patient = new Scene(probe, options);
  const account = await made(patient, { ...canary, domain }, options);
  if (account instanceof Error) return tell(CREATED, differs(account.message));
  const stage: CanaryScene = Object.assign(scene, { account, onLeft });
  try {
    for (const check of canaryChecks) tell(check, await findingOf(() => check.run(stage), stop));
  } finally {
    tell(GONE, await findingOf(() => ended(patient, account, onLeft)));
  }
  const upn = `${canaryName()}@${domain}`;
  const walk = { directory, app, upn, roleId: canary.roleId, wait: waitUntil(stop, wait) };
  const run = (): Promise<Finding> => walkGrant({ ...walk, waitToDelete: wait, onMade, onLeft });
  tell(WALK, await findingOf(run, stop));
};

const made = async (
  scene: Scene,
  wish: Pick<CanaryAccount, 'domain' | 'roleId' | 'groupId'>,
  { onMade, onLeft }: LiveCheckOptions,
): Promise<CanaryAccount | Error> => {
  try {
    return await createCanary(scene, wish, onMade);
  } catch (error) {
    if (error instanceof MaybeMade) onLeft(error.upn);
    if (error instanceof Error) return error;
    throw error;
  }
};

const ended = async (
  scene: Scene,
  account: CanaryAccount,
  onLeft: LiveCheckOptions['onLeft'],
): Promise<Finding> => {
  const { gone, said, waitedMs } = await deleteCanary(scene, account).catch((error: unknown) => {
    onLeft(account.name);
    throw error;
  });
  if (!gone) {
    onLeft(account.name);
    return differs(`${said} after ${waitedMs} ms: it is still there and must be deleted by hand.`);
  }
  const read = await scene.until(
    { method: 'GET', path: `/users/${account.id}?$select=id` },
    ({ status }) => status === 404,
  );
  return heldIf(
    read.answer.status === 404,
    `${said} after ${waitedMs} ms; unseen after ${read.waitedMs} ms more`,
  );
};
