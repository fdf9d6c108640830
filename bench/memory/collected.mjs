// Loaded into a process of the product: throws away what is no longer needed, and tells how much it holds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tellAtSignal } from '../lib/tell-at-signal.mjs';

/** Once is not enough for what was kept alive by something that had to go first. */
const TIMES = 3;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

tellAtSignal(() => {
  for (let time = 0; time < TIMES; time += 1) collect();
  return process.memoryUsage();
});
