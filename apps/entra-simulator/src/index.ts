import type { ValidationMode } from './control/contract.js';
import { listen } from './http/server.js';
import { serverIdentity } from './http/tls.js';
import { Simulator } from './simulator.js';

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

export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { port = 0, dataDir, seed = 1, validation = 'all', now } = options;
  const identity = await serverIdentity(dataDir);
  const simulator = new Simulator({
    seed,
    validation,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(now === undefined ? {} : { now }),
  });
  const listening = await listen((request) => simulator.answer(request), identity, port);
  simulator.origin = `https://localhost:${listening.port}`;
  return {
    url: simulator.origin,
    port: listening.port,
    caPem: identity.caPem,
    ...(identity.caFile === undefined ? {} : { caFile: identity.caFile }),
    async close() {
      await listening.close();
      simulator.close();
    },
  };
}
