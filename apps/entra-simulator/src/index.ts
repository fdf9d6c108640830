import type { ValidationMode } from './control/contract.js';

export interface SimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Where the state, the keys and the CA live; without it everything is in memory. */
  dataDir?: string;
  seed?: number;
  validation?: ValidationMode;
  /** Epoch milliseconds; default the machine's clock. */
  now?: () => number;
}

export interface RunningSimulator {
  url: string;
  port: number;
  caPem: string;
  caFile?: string;
  close(): Promise<void>;
}

export function startSimulator(_options: SimulatorOptions = {}): Promise<RunningSimulator> {
  return Promise.reject(new Error('The simulator is not there yet'));
}
