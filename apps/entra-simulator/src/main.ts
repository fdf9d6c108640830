import { startSimulator } from './index.js';

const { SIMULATOR_PORT, SIMULATOR_DATA_DIR, SIMULATOR_SEED } = process.env;

const simulator = await startSimulator({
  port: Number(SIMULATOR_PORT ?? 0),
  ...(SIMULATOR_DATA_DIR === undefined ? {} : { dataDir: SIMULATOR_DATA_DIR }),
  ...(SIMULATOR_SEED === undefined ? {} : { seed: Number(SIMULATOR_SEED) }),
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
