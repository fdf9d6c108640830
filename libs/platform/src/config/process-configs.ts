import { database, directory, http, keys, logging, queue, worker } from './concerns.js';
import { readConfig, type Environment } from './read-config.js';
import type { Setting } from './setting.js';

const api = { database, queue, directory, http, keys, logging };
const workerProcess = { database, queue, directory, keys, logging, worker };

export type ApiConfig = ReturnType<typeof readApiConfig>;
export type WorkerConfig = ReturnType<typeof readWorkerConfig>;

/** What the API needs of the environment. Throws a ConfigError that names every problem. */
export const readApiConfig = (env: Environment) => readConfig(env, api);

/** What a worker needs of the environment. Throws a ConfigError that names every problem. */
export const readWorkerConfig = (env: Environment) => readConfig(env, workerProcess);

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
  readonly processes: readonly ('api' | 'worker')[];
}

/** Every variable that any process reads, in reading order. */
export const describeConfig = (): readonly VariableDescription[] =>
  Object.values({ ...api, ...workerProcess }).flatMap((concern) =>
    Object.values<Setting<unknown>>(concern.settings).map((setting) => ({
      name: setting.name,
      concern: concern.title,
      meaning: setting.meaning,
      default: setting.fallback,
      required: setting.fallback === null && setting.absent === undefined,
      secret: setting.secret,
      fileVariable: setting.fileVariable,
      processes: [
        ...(Object.values<unknown>(api).includes(concern) ? (['api'] as const) : []),
        ...(Object.values<unknown>(workerProcess).includes(concern) ? (['worker'] as const) : []),
      ],
    })),
  );
