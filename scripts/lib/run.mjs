// Runs other programs to their end.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { root } from './paths.mjs';

/**
 * Runs a program to its end, from the checkout's root unless told otherwise.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, show?: boolean, endsItself?: boolean, cwd?: string }} [options] `show`: on our terminal; else
 * it is collected. `endsItself`: a signal is the program's to heed, and we wait for its end
 * @returns {Promise<{ code: number, output: string }>}
 */
export const run = (program, args, { env = {}, show = false, endsItself = false, cwd = root } = {}) =>
  new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    const signals = endsItself ? leaveSignalsTo(child) : { off: () => {} };
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.once('error', fail);
    child.once('close', (code) => {
      signals.off();
      done({ code: code ?? 1, output });
    });
  });

/** Ctrl-C reaches the child by itself, being of our terminal's group; the others are passed on. */
const leaveSignalsTo = (child) => {
  const listeners = {
    SIGINT: () => {},
    SIGTERM: () => child.kill('SIGTERM'),
    SIGHUP: () => child.kill('SIGHUP'),
  };
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  return {
    off: () => {
      for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
    },
  };
};

/** The same, for what must succeed: throws with the whole output otherwise. */
export const mustRun = async (program, args, options) => {
  const { code, output } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed (exit code ${code}).\n${output}`);
  return output;
};

/** The program of an installed package, by its own JavaScript file: no shell and no npx in between. */
export const tool = (name) => resolve(root, 'node_modules', tools[name]);

const tools = {
  depcruise: 'dependency-cruiser/bin/dependency-cruise.mjs',
  eslint: 'eslint/bin/eslint.js',
  jest: 'jest/bin/jest.js',
  knip: 'knip/bin/knip.js',
  nest: '@nestjs/cli/bin/nest.js',
  prettier: 'prettier/bin/prettier.cjs',
  prisma: 'prisma/build/index.js',
  tsc: 'typescript/bin/tsc',
};

/** Ends the program with a plain sentence instead of a stack. */
export const failPlainly = (error) => {
  console.error(`\n${process.env.CURFEW_DEBUG ? error.stack : error.message}`);
  process.exit(1);
};
