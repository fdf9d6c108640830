import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { mainOf } from '../../scripts/lib/built.mjs';

/** Starts the built program as a process of its own; answers when it says that it listens. */
export const startOnce = async ({ dataDir, seed = 1, atEnd }) => {
  const began = performance.now();
  const child = fork(mainOf('entra-simulator'), [], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      SIMULATOR_PORT: '0',
      SIMULATOR_SEED: String(seed),
      ...(dataDir && { SIMULATOR_DATA_DIR: dataDir }),
    },
  });
  const exited = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  atEnd(stop);
  const lines = createInterface({ input: child.stdout });
  const { value } = await Promise.race([
    lines[Symbol.asyncIterator]().next(),
    exited.then((code) => Promise.reject(new Error(`The simulator did not start (exit code ${code}).`))),
  ]);
  const startedInMs = performance.now() - began;
  lines.close();
  const { url, caPem } = JSON.parse(value);
  return { url, caPem, startedInMs, stop, cpuMs: () => cpuMsOf(child.pid) };
};

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

/** What the process has taken of the processors; null where the kernel does not say. */
const cpuMsOf = (pid) => {
  if (process.platform !== 'linux') return null;
  // The program's name, in brackets, may hold blanks; the fields after it don't.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};
