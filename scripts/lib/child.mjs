// One child process: started, waited for, logged, ended.
import { fork } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

const READY_MS = 60_000;
const STOP_MS = 15_000;
const LARGEST_LOG = 10 * 1_048_576;
const TAIL_LINES = 20;
const endWithLauncher = pathToFileURL(resolve(import.meta.dirname, 'end-with-launcher.mjs')).href;

/**
 * Starts a Node program and waits for its line of readiness: JSON with an `event`.
 * @param {{ name: string, file: string, env: Record<string, string>, logFile: string, readyEvent: string }} spec
 * @param {(line: string) => void} [showError] told of every line of its log that a human must see
 * @returns its `pid`, its `ready` event, `exited` (a promise of how), `kill(signal)` and `stop()`
 */
export const startChild = async (spec, showError = () => {}) => {
  const log = openLog(spec.logFile);
  const child = fork(spec.file, [], {
    cwd: root,
    env: spec.env,
    execArgv: ['--enable-source-maps', '--import', endWithLauncher],
    // A process group of its own: Ctrl-C reaches the launcher alone, which ends its children in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  const tail = [];
  const ready = new Promise((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        tail.push(line);
        tail.splice(0, tail.length - TAIL_LINES);
        const entry = parse(line);
        if (entry?.event === spec.readyEvent) done(entry);
        if (entry?.level === 'error') showError(`${spec.name}: ${sentenceOf(entry)}`);
      });
    }
  });
  const event = await Promise.race([ready, exited.then((how) => ({ failure: how })), late(READY_MS)]);
  if (event.failure !== undefined) {
    child.kill('SIGKILL');
    throw new Error(
      `${spec.name} did not start (${event.failure}). ${spec.logFile} ends with:\n${tail.join('\n')}`,
    );
  }
  return {
    pid: child.pid,
    ready: event,
    exited,
    kill: (signal) => child.kill(signal),
    stop: () => stop(child, exited),
  };
};

const late = (ms) =>
  new Promise((done) => {
    setTimeout(() => done({ failure: `not ready after ${ms / 1_000} s` }), ms).unref();
  });

const stop = async (child, exited) => {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
};

const openLog = (file) => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > LARGEST_LOG) renameSync(file, `${file}.old`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
};

const parse = (line) => {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
};

const sentenceOf = ({ msg, err }) => [msg, err?.message].filter(Boolean).join(': ');
