import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { DirectoryError } from '#core/accounts';
import { idOf } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { EntraDirectory, GraphProbe, MICROSOFT_CLOUDS, type CloudSettings } from '#directory';
import { ConfigError, readLiveCheckConfig, type LiveCheckConfig } from '#platform';
import { liveCheck, type CanaryWish } from './live-check.js';
import { inText } from './report.js';

/** 1: the check could not be made; 2: the command line or the environment is wrong. What differs is no failure. */
const EXIT = { failed: 1, usage: 2 } as const;
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

const cloudsOf = ({ directory }: LiveCheckConfig): CloudSettings => {
  const { customCloud } = directory;
  if (customCloud === null) return MICROSOFT_CLOUDS;
  const { authority, graph, caFile } = customCloud;
  const caPem = readFileSync(caFile, 'utf8');
  return { ...MICROSOFT_CLOUDS, custom: { authorityHost: authority, graphHost: graph, caPem } };
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
  const app = appOf(config);
  const clouds = cloudsOf(config);
  const probe = new GraphProbe(clouds, app);
  const directory = new EntraDirectory({ clouds });
  try {
    const report = await liveCheck({
      app,
      probe,
      directory,
      wait: (ms) => sleep(ms),
      now: () => Date.now(),
      canary: wishOf(options),
      onLine: ({ id }) => process.stderr.isTTY && process.stderr.write(`${id}\n`),
      onLeft: (upn) => process.stderr.write(`Delete this account by hand: ${upn}\n`),
    });
    writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
    process.stdout.write(`${inText(report)}\nThe report is in ${options.report}.\n`);
  } finally {
    await Promise.all([probe.close(), directory.close()]);
  }
};

const exitCodeFor = (error: unknown): number => {
  const code = (error as { exitCode?: unknown }).exitCode;
  if (typeof code === 'number') return code === 0 ? 0 : EXIT.usage;
  return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
};

run().catch((error: unknown) => {
  process.exitCode = exitCodeFor(error);
  const isTold = typeof (error as { exitCode?: unknown }).exitCode === 'number';
  if (isTold) return;
  const text = error instanceof Error ? error.message : 'unknown failure';
  const hint = error instanceof DirectoryError ? ' Nothing was checked.' : '';
  process.stderr.write(`${text}${hint}\n`);
});
