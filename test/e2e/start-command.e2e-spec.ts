import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CurfewApi } from '../support/stack-api.js';
import { until } from '../support/stack-until.js';

const root = resolve(__dirname, '../..');
const START_MS = 120_000;
const END_MS = 40_000;

interface Running {
  readonly children: Readonly<Record<string, { readonly pid: number }>>;
}

describe('npm start', () => {
  const directory = mkdtempSync(join(tmpdir(), 'curfew-start-'));
  // PostgreSQL runs as somebody else when we are root, and has to get in.
  chmodSync(directory, 0o755);
  const launchers: ChildProcess[] = [];

  afterAll(async () => {
    for (const launcher of launchers) launcher.kill('SIGKILL');
    await until(() => pids().filter(isAlive), isEmpty, { what: 'everything ended', timeoutMs: END_MS });
    rmSync(directory, { recursive: true, force: true });
  }, END_MS + 5_000);

  const launch = (): { readonly launcher: ChildProcess; readonly printed: () => string } => {
    const launcher = spawn(process.execPath, ['scripts/start.mjs'], {
      cwd: root,
      env: { ...process.env, CURFEW_STATE_DIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    launchers.push(launcher);
    let text = '';
    launcher.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    launcher.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { launcher, printed: () => text };
  };

  const start = async () => {
    const started = launch();
    const { printed, launcher } = started;
    await until(
      () => ({ printed: printed(), code: launcher.exitCode }),
      ({ printed: text, code }) => text.includes('Curfew runs.') || code !== null,
      { what: 'it runs', timeoutMs: START_MS },
    );
    expect(printed()).toContain('Ctrl-C stops it');
    return started;
  };

  const running = (): Running | null => {
    const file = join(directory, 'running.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running) : null;
  };
  const pids = (): number[] => Object.values(running()?.children ?? {}).map(({ pid }) => pid);
  const postgresPid = (): number => {
    const home = /its data is in (\S+)/.exec(allPrinted)?.[1];
    const instance = readFileSync(join(directory, 'instance'), 'utf8');
    const file = join(home ?? join(directory, `postgres-${instance}`), 'cluster/postmaster.pid');
    return Number(readFileSync(file, 'utf8').split('\n')[0]);
  };
  let allPrinted = '';

  const customers = async (): Promise<string[]> => {
    const variables = readFileSync(join(directory, 'try.env'), 'utf8');
    const variable = (name: string): string => new RegExp(`${name}='([^']*)'`).exec(variables)?.[1] ?? '';
    const api = new CurfewApi(variable('CURFEW_URL'), variable('CURFEW_TOKEN'));
    const { items } = await api.get<{ items: { name: string }[] }>('/customers');
    return items.map(({ name }) => name);
  };

  it(
    'starts a crashed child again, refuses a second start, and leaves nothing behind after kill -9',
    async () => {
      const { launcher, printed } = await start();
      allPrinted = printed();
      expect(await customers()).toEqual(['Contoso']);

      const worker = running()?.children['worker']?.pid ?? 0;
      process.kill(worker, 'SIGKILL');
      await until(
        () => running()?.children['worker']?.pid,
        (pid) => pid !== undefined && pid !== worker,
        { what: 'another worker runs', timeoutMs: START_MS },
      );

      const second = launch();
      await until(
        () => second.launcher.exitCode,
        (code) => code !== null,
        { what: 'the second start gives up', timeoutMs: START_MS },
      );
      expect(second.launcher.exitCode).toBe(1);
      expect(second.printed()).toContain('Curfew already runs on this data');

      const everything = [...pids(), postgresPid()];
      expect(everything.filter(isAlive)).toEqual(everything);
      launcher.kill('SIGKILL');
      await until(() => everything.filter(isAlive), isEmpty, {
        what: 'its children ended',
        timeoutMs: END_MS,
      });
    },
    3 * START_MS,
  );

  it(
    'goes on with the same data after everything was killed at once, and stops in order',
    async () => {
      const { launcher, printed } = await start();
      allPrinted = printed();
      expect(await customers()).toEqual(['Contoso']);
      for (const pid of [launcher.pid ?? 0, ...pids(), postgresPid()]) process.kill(pid, 'SIGKILL');

      const again = await start();
      expect(await customers()).toEqual(['Contoso']);
      const everything = [...pids(), postgresPid()];
      again.launcher.kill('SIGINT');
      await until(
        () => again.launcher.exitCode,
        (code) => code !== null,
        { what: 'it stopped', timeoutMs: END_MS },
      );
      expect(again.launcher.exitCode).toBe(0);
      expect(everything.filter(isAlive)).toEqual([]);
      expect(running()).toBeNull();
    },
    3 * START_MS,
  );
});

const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;

/** A killed process whose parent has not looked yet counts as dead. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
};
