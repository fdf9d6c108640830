import {
  database,
  keys,
  keysDatabase,
  liveCheck,
  logging,
  queue,
  restoring,
  revoker,
  revokerDatabase,
  worker,
} from './concerns.js';
import { directory } from './directory-concern.js';
import { http } from './http-concern.js';
import { readConfig, type Environment } from './read-config.js';
import type { Setting } from './setting.js';
import { apiWatch, revokerWatch, workerWatch } from './watch-concerns.js';

const api = { database, queue, directory, http, keys, restoring, logging, watch: apiWatch };
/** It rings nobody, so that it does its work with PostgreSQL and the key alone. */
const consoleProcess = { database, directory, keys, keysDatabase, logging };
const workerProcess = { database, queue, directory, keys, restoring, logging, worker, watch: workerWatch };
const revokerProcess = { revokerDatabase, directory, keys, logging, revoker, watch: revokerWatch };
const liveCheckProcess = { liveCheck, directory };

export type ApiConfig = ReturnType<typeof readApiConfig>;
export type ConsoleConfig = ReturnType<typeof readConsoleConfig>;
export type WorkerConfig = ReturnType<typeof readWorkerConfig>;
export type RevokerConfig = ReturnType<typeof readRevokerConfig>;
export type LiveCheckConfig = ReturnType<typeof readLiveCheckConfig>;

/** What the API needs of the environment. Throws a ConfigError that names every problem. */
export const readApiConfig = (env: Environment) => readConfig(env, api);

/** What the console needs of the environment. Throws a ConfigError that names every problem. */
export const readConsoleConfig = (env: Environment) => readConfig(env, consoleProcess);

/** What a worker needs of the environment. Throws a ConfigError that names every problem. */
export const readWorkerConfig = (env: Environment) => readConfig(env, workerProcess);

/** What the revoker needs of the environment. Throws a ConfigError that names every problem. */
export const readRevokerConfig = (env: Environment) => readConfig(env, revokerProcess);

/** What a live check needs of the environment. Throws a ConfigError that names every problem. */
export const readLiveCheckConfig = (env: Environment) => readConfig(env, liveCheckProcess);

const processes = {
  api,
  console: consoleProcess,
  worker: workerProcess,
  revoker: revokerProcess,
  'live-check': liveCheckProcess,
} as const;
type ProcessName = keyof typeof processes;

/** One variable, for docs/reference/configuration.md and .env.example. */
export interface VariableDescription {
  readonly name: string;
  readonly concern: string;
  readonly meaning: string;
  readonly default: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  /** `NAME_FILE`, for secrets mounted as files. */
  readonly fileVariable: string | null;
  readonly processes: readonly ProcessName[];
}

const processNames = Object.keys(processes) as readonly ProcessName[];

/** Every variable that any process reads, in reading order. Two processes may read one in different concerns. */
export const describeConfig = (): readonly VariableDescription[] => {
  const described = new Map<string, VariableDescription>();
  for (const concern of Object.values(processes).flatMap((concerns) => Object.values<AnyConcern>(concerns)))
    for (const setting of Object.values(concern.settings))
      if (!described.has(setting.name)) described.set(setting.name, describe(setting, concern.title));
  return [...described.values()];
};

interface AnyConcern {
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

const describe = (setting: Setting<unknown>, concern: string): VariableDescription => ({
  name: setting.name,
  concern,
  meaning: setting.meaning,
  default: setting.fallback,
  required: setting.fallback === null && setting.absent === undefined,
  secret: setting.secret,
  fileVariable: setting.fileVariable,
  processes: processNames.filter((process) => settingNames(process).has(setting.name)),
});

const settingNames = (process: ProcessName): ReadonlySet<string> =>
  new Set(
    Object.values<AnyConcern>(processes[process]).flatMap(({ settings }) =>
      Object.values(settings).map(({ name }) => name),
    ),
  );
