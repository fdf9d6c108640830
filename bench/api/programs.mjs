import { fork } from 'node:child_process';
import { resolve } from 'node:path';

/** A process of its own, that answers one message with one message. */
const startProgram = (file) => {
  const child = fork(resolve(import.meta.dirname, file), [], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = new Promise((_, fail) => {
    child.once('exit', (code) => fail(new Error(`${file} ended (exit code ${code}).`)));
  });
  // Its end is what stops it, too: then nobody waits for this.
  ended.catch(() => {});
  const answer = (order) =>
    new Promise((done, fail) => {
      child.once('message', (told) => (told.error === undefined ? done(told) : fail(new Error(told.error))));
      child.send(order);
    });
  return {
    pid: child.pid,
    ask: (order) => Promise.race([answer(order), ended]),
    stop: () => child.kill(),
  };
};

/** A Nest that does nothing but answer; or ask the database first. */
export const startBare = async (order) => {
  const { pid, ask, stop } = startProgram('bare-nest.mjs');
  const { url } = await ask(order);
  return { pid, url, stop };
};

/** Those who ask: they must not take the server's time. */
export const startLoad = ({ connections }) => {
  const { ask, stop } = startProgram('load.mjs');
  return { run: (order) => ask({ ...order, connections }), stop };
};
