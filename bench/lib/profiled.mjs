// Loaded into a process of the product (`--profile <folder>`): writes a profile of it when it ends, for Chrome or speedscope.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, dirname, resolve } from 'node:path';

const folder = process.env.CURFEW_BENCH_PROFILES;
const SAMPLE_EVERY_US = 500;

if (folder !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  session.post('Profiler.start');
  process.once('exit', () => {
    // In one thread the answer comes before the call returns.
    session.post('Profiler.stop', (_error, { profile }) => {
      const app = basename(dirname(dirname(process.argv[1] ?? 'node')));
      writeFileSync(resolve(folder, `${app}-${process.pid}.cpuprofile`), JSON.stringify(profile));
    });
  });
}
