import { database, directory, http, keys, liveCheck, logging, queue, worker } from './concerns.js';
import { readConfig, type Environment } from './read-config.js';
import type { Setting } from './setting.js';

const api = { database, queue, directory, http, keys, logging };
const workerProcess = { database, queue, directory, keys, logging, worker };
const liveCheckProcess = { liveCheck, directory };

export type ApiConfig = ReturnType<typeof readApiConfig>;
export type WorkerConfig = ReturnType<typeof readWorkerConfig>;
export type LiveCheckConfig = ReturnType<typeof readLiveCheckConfig>;

/** What the API needs of the environment. Throws a ConfigError that names every problem. */
export const readApiConfig = (env: Environment) => readConfig(env, api);

/** What a worker needs of the environment. Throws a ConfigError that names every problem. */
export const readWorkerConfig = (env: Environment) => readConfig(env, workerProcess);

/** What a live check needs of the environment. Throws a ConfigError that names every problem. */
export const readLiveCheckConfig = (env: Environment) => readConfig(env, liveCheckProcess);

const processes = { api, worker: workerProcess, 'live-check': liveCheckProcess } as const;
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

/** Every variable that any process reads, in reading order. */
export const describeConfig = (): readonly VariableDescription[] =>
  Object.values({ ...api, ...workerProcess, ...liveCheckProcess }).flatMap((concern) =>
    Object.values<Setting<unknown>>(concern.settings).map((setting) => ({
      name: setting.name,
      concern: concern.title,
      meaning: setting.meaning,
      default: setting.fallback,
      required: setting.fallback === null && setting.absent === undefined,
      secret: setting.secret,
      fileVariable: setting.fileVariable,
      processes: processNames.filter((name) => Object.values<unknown>(processes[name]).includes(concern)),
    })),
  );
