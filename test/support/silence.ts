import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/**
 * Stops the server and every session of Curfew's, as when its machine hangs: connections are accepted, by the machine's
 * network, and nobody ever answers. Answers how it goes on.
 */
export const silence = async (admin: pg.Client, logins: readonly string[]): Promise<() => void> => {
  const directory = await admin.query<{ data_directory: string }>('SHOW data_directory');
  const file = join(directory.rows[0]?.data_directory ?? '', 'postmaster.pid');
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const { rows } = await admin.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE usename = ANY($1)',
    [logins],
  );
  const stopped = [postmaster, ...rows.map(({ pid }) => pid)];
  for (const pid of stopped) signal(pid, 'SIGSTOP');
  return () => {
    for (const pid of stopped) signal(pid, 'SIGCONT');
  };
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
};
