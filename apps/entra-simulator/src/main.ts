import { startSimulator, type RunningSimulator } from './index.js';

const { SIMULATOR_PORT, SIMULATOR_HOST, SIMULATOR_DATA_DIR, SIMULATOR_SEED, SIMULATOR_SEED_FILE } =
  process.env;

function start(): Promise<RunningSimulator> {
  return startSimulator({
    port: Number(SIMULATOR_PORT ?? 0),
    ...(SIMULATOR_HOST === undefined ? {} : { host: SIMULATOR_HOST }),
    ...(SIMULATOR_DATA_DIR === undefined ? {} : { dataDir: SIMULATOR_DATA_DIR }),
    ...(SIMULATOR_SEED === undefined ? {} : { seed: Number(SIMULATOR_SEED) }),
    ...(SIMULATOR_SEED_FILE === undefined ? {} : { seedFile: SIMULATOR_SEED_FILE }),
  });
}

/** A taken port or a wrong seed is said in a sentence: whoever started this wants no stack. */
const simulator = await start().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const { url, caFile, caPem } = simulator;
process.stdout.write(`${JSON.stringify({ event: 'listening', url, caFile: caFile ?? null, caPem })}\n`);

let isStopping = false;

/** It never outlives its launcher: the closed IPC channel ends it like a signal does. */
function stop(): void {
  if (isStopping) return;
  isStopping = true;
  simulator.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, stop);
