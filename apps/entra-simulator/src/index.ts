import { isIP } from 'node:net';
import type { ValidationMode } from './control/contract.js';
import { listen } from './http/server.js';
import { serverIdentity } from './http/tls.js';
import { readSeed } from './seed/read-seed.js';
import { sowSeed, type Sown } from './seed/sow-seed.js';
import { Simulator, type SimulatorSetup } from './simulator.js';

export interface SimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Where to listen; default this machine alone. */
  host?: string;
  /** Where the state, the keys and the CA live; without it everything is in memory. */
  dataDir?: string;
  seed?: number;
  /** A file with the tenants to begin with; those that the data folder has already stay as they are. */
  seedFile?: string;
  validation?: ValidationMode;
  /** Epoch milliseconds; default the machine's clock. */
  now?: () => number;
}

export interface RunningSimulator {
  url: string;
  port: number;
  caPem: string;
  caFile?: string;
  /** What the seed file made, and what it found; without one nothing. */
  sown: Sown;
  close(): Promise<void>;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { port = 0, host = '127.0.0.1', dataDir, seedFile } = options;
  // Before anything is opened or made: a seed that is wrong leaves nothing behind.
  const seedling = seedFile === undefined ? undefined : readSeed(seedFile);
  const identity = await serverIdentity(dataDir, host);
  const simulator = new Simulator({ seed: 1, validation: 'all', ...setupIn(options) });
  const sown = seedling === undefined ? { made: [], kept: [] } : sowSeed(simulator, seedling);
  const listening = await listen((request) => simulator.answer(request), identity, { host, port });
  simulator.origin = `https://${nameOf(host)}:${listening.port}`;
  return {
    url: simulator.origin,
    port: listening.port,
    caPem: identity.caPem,
    sown,
    ...(identity.caFile === undefined ? {} : { caFile: identity.caFile }),
    async close() {
      await listening.close();
      simulator.close();
    },
  };
}

/** How callers on this machine name the place that is listened on. */
function nameOf(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** What is left out must not be there as undefined. */
const setupIn = ({ seed, validation, dataDir, now }: SimulatorOptions): Partial<SimulatorSetup> => ({
  ...(seed !== undefined && { seed }),
  ...(validation !== undefined && { validation }),
  ...(dataDir !== undefined && { dataDir }),
  ...(now !== undefined && { now }),
});
