import { constants, accessSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { DirectoryError } from '#core/accounts';
import { idOf } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { EntraDirectory, GraphProbe, MICROSOFT_CLOUDS, type CloudSettings } from '#directory';
import { ConfigError, readLiveCheckConfig, type LiveCheckConfig } from '#platform';
import { liveCheck, type CanaryWish } from './live-check.js';
import { inText, type Report } from './report.js';

/** 1: the check could not be made; 2: the command line or the environment is wrong; 130: stopped. What differs is no failure. */
const EXIT = { failed: 1, usage: 2, stopped: 130 } as const;
/** Directory Readers: an admin role for Graph's checks that gives next to nothing. */
const HARMLESS_ROLE = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';

interface Options {
  readonly canary?: true;
  readonly domain?: string;
  readonly role: string;
  readonly group?: string;
  readonly report: string;
}

const program = new Command('live-check')
  .description(
    'Checks against a real tenant what Curfew takes for granted about Microsoft Graph. Without --canary it only reads.',
  )
  .option('--canary', 'make a disabled throw-away account, try things with it, and delete it')
  .option('--domain <domain>', 'domain of the throw-away account (default: the initial one)')
  .option('--role <template id>', 'role that it is given while it is disabled', HARMLESS_ROLE)
  .option('--group <id>', 'group that it is added to and removed from (default: none)')
  .option(
    '--report <file>',
    'where the report goes: no names, ids or secrets in it',
    'live-check-report.json',
  )
  .exitOverride()
  .allowExcessArguments(false);

/** The command line or the environment can't be meant so. */
class UsageError extends Error {}

/** Before anything is asked: a report that can't be written at the end would be lost. Throws `UsageError`. */
const checkPlace = (file: string): void => {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw new UsageError(`--report ${file}: its folder is not there, or can't be written to.`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(`--report ${file}: this is a folder. Name a file.`);
};

/** As a new file of our own: what stood there is replaced, and a link is not followed. */
const write = (file: string, report: Report): void => {
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
};

const SECOND_SIGNAL_AFTER_MS = 1_000;

/**
 * The first signal ends the checks and lets the throw-away account be deleted; a second one ends everything at once and
 * says what may be left. One Ctrl-C may come twice, from the terminal and from npm.
 */
const stopOnSignals = (made: readonly string[]): AbortSignal => {
  const stop = new AbortController();
  let firstAt: number | null = null;
  const onSignal = (): void => {
    if (firstAt === null) {
      firstAt = Date.now();
      process.stderr.write('\nStopping: what was made is deleted first. Once more to stop at once.\n');
      stop.abort(new Error('It was stopped.'));
    } else if (Date.now() - firstAt > SECOND_SIGNAL_AFTER_MS) {
      const names = made.map((upn) => `  ${upn}\n`).join('');
      if (names !== '') process.stderr.write(`\nDelete by hand what of this is there:\n${names}`);
      process.exit(EXIT.stopped);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // A terminal that was closed takes no words, which is no reason to leave an account behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return stop.signal;
};

const cloudsOf = ({ directory, liveCheck }: LiveCheckConfig): CloudSettings => {
  const { customCloud } = directory;
  if (customCloud === null && liveCheck.cloud === 'custom')
    throw new UsageError(
      'LIVE_CHECK_CLOUD is custom: set CURFEW_CUSTOM_CLOUD_AUTHORITY, …_GRAPH and …_CA_FILE too.',
    );
  if (customCloud === null) return MICROSOFT_CLOUDS;
  const { authority, graph, caFile } = customCloud;
  const caPem = pemIn(caFile);
  return { ...MICROSOFT_CLOUDS, custom: { authorityHost: authority, graphHost: graph, caPem } };
};

const pemIn = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`CURFEW_CUSTOM_CLOUD_CA_FILE: ${file} can't be read.`);
  }
};

const appOf = ({ liveCheck: { cloud, tenantId, clientId, credential } }: LiveCheckConfig): EntraApp => ({
  connectionId: idOf('live-check'),
  version: 1,
  cloud,
  tenantId,
  clientId,
  credential,
});

const wishOf = ({ canary, domain, role, group }: Options): CanaryWish | null =>
  canary === true ? { domain: domain ?? null, roleId: role, groupId: group ?? null } : null;

const run = async (): Promise<void> => {
  const options = program.parse().opts<Options>();
  const config = readLiveCheckConfig(process.env);
  checkPlace(options.report);
  const app = appOf(config);
  const clouds = cloudsOf(config);
  const probe = new GraphProbe(clouds, app);
  const directory = new EntraDirectory({ clouds });
  const made: string[] = [];
  const stop = stopOnSignals(made);
  try {
    const report = await liveCheck({
      app,
      probe,
      directory,
      wait: (ms) => sleep(ms),
      now: () => Date.now(),
      canary: wishOf(options),
      stop,
      onLine: ({ id }) => process.stderr.isTTY && process.stderr.write(`${id}\n`),
      onMade: (upn) => made.push(upn),
      onLeft: (upn) => process.stderr.write(`Delete this account by hand, if it is there: ${upn}\n`),
    });
    process.stdout.write(`${inText(report)}\n`);
    write(options.report, report);
    process.stdout.write(`The report is in ${options.report}.\n`);
    if (stop.aborted) process.exitCode = EXIT.stopped;
  } finally {
    await Promise.all([probe.close(), directory.close()]);
  }
};

const exitCodeFor = (error: unknown): number => {
  const code = (error as { exitCode?: unknown }).exitCode;
  if (typeof code === 'number') return code === 0 ? 0 : EXIT.usage;
  return error instanceof ConfigError || error instanceof UsageError ? EXIT.usage : EXIT.failed;
};

run().catch((error: unknown) => {
  process.exitCode = exitCodeFor(error);
  const isTold = typeof (error as { exitCode?: unknown }).exitCode === 'number';
  if (isTold) return;
  const text = error instanceof Error ? error.message : 'unknown failure';
  const hint = error instanceof DirectoryError ? ' Nothing was checked.' : '';
  process.stderr.write(`${text}${hint}\n`);
});
