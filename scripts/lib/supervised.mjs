// A child that is started again when it crashes: some times, not for ever.
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './child.mjs';

/** This many crashes within the window are a defect that another start does not heal. */
const MOST_CRASHES = 5;
const WINDOW_MS = 60_000;
const FIRST_WAIT_MS = 250;

/**
 * Keeps a child running.
 * @param spec what `startChild` takes
 * @param {{ log: (line: string) => void, restarts?: boolean, onGivenUp: (reason: string) => void, onStart?: () => void }} how
 * @returns the child's present `pid` and `ready` event, `isRunning`, `kill`, `signal`, `start` (after a kill without restarts; in another
 *   environment, when it is given one) and `stop`
 */
export const keepRunning = async (spec, { log, restarts = true, onGivenUp, onStart = () => {} }) => {
  const crashes = [];
  let child = null;
  let stopping = false;
  let ended = false;
  let setting = {};

  const start = async (environment = setting) => {
    setting = environment;
    const started = await startChild({ ...spec, env: { ...spec.env, ...setting } }, log);
    child = started;
    ended = false;
    started.exited.then(() => (ended ||= child === started));
    onStart();
    if (restarts) child.exited.then(revive);
  };
  const revive = async (how) => {
    if (stopping) return;
    const now = Date.now();
    crashes.push(now);
    const recent = crashes.filter((at) => at > now - WINDOW_MS).length;
    if (recent > MOST_CRASHES)
      return onGivenUp(`${spec.name} crashed ${recent} times within a minute (${spec.logFile})`);
    log(`${spec.name} ended unexpectedly (${how}); starting it again`);
    // The first time at once: a technician may be waiting for an end.
    if (recent > 1) await delay(FIRST_WAIT_MS * 2 ** recent);
    if (stopping) return;
    await start().catch((error) => revive(error.message));
  };

  await start();
  return {
    name: spec.name,
    logFile: spec.logFile,
    get pid() {
      return child.pid;
    },
    get ready() {
      return child.ready;
    },
    get isRunning() {
      return !ended;
    },
    start,
    kill: async (signal) => {
      child.kill(signal);
      await child.exited;
    },
    signal: (signal) => child.kill(signal),
    stop: async () => {
      stopping = true;
      await child.stop();
    },
  };
};
