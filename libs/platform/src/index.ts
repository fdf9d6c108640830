export type { KeySource } from './config/concerns.js';
export type { CustomCloud } from './config/directory-concern.js';
export {
  describeConfig,
  readApiConfig,
  readConsoleConfig,
  readLiveCheckConfig,
  readRevokerConfig,
  readWorkerConfig,
  type ApiConfig,
  type ConsoleConfig,
  type LiveCheckConfig,
  type RevokerConfig,
  type VariableDescription,
  type WorkerConfig,
} from './config/process-configs.js';
export { ConfigError, type Environment } from './config/read-config.js';
export { GuardWatch } from './restore/guard-watch.js';
export { LocalMarkFile } from './restore/local-mark-file.js';
export { createLogger, logFailure, type Logger } from './logging/logger.js';
export { onShutdown } from './shutdown.js';
export { KeyWatch } from './watch/key-watch.js';
export { Lookout, type LookoutOptions } from './watch/lookout.js';
export { SystemIds } from './system-ids.js';
export { MonotonicClock } from './time/monotonic-clock.js';
