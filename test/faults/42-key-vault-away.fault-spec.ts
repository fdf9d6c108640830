import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LiveKeys } from '#secrets';
import { VaultServer } from '../../libs/secrets/src/testing/vault-server.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 8_000;
const PRELOAD = pathToFileURL(resolve(__dirname, '../support/vault-names-here.mjs')).href;
const KEYED = ['api', 'worker', 'revoker'] as const;

/** From now on the keys are wrapped by the vault, and nothing of them lies on the disk unwrapped that a process reads. */
const wrapKeys = async ({ stack }: FaultGround, vault: VaultServer): Promise<void> => {
  const { keyUrl, authority, caFile, credential } = vault.config;
  if (credential.kind !== 'secret') throw new Error('The vault is signed in to by a secret.');
  const [plain, wrapped] = [
    stack.environment['CURFEW_KEY_FILE'] ?? '',
    join(stack.directory, 'wrapped.json'),
  ];
  await (await LiveKeys.open({ file: plain, vault: vault.config }, { takesPlain: true })).wrapInto(wrapped);
  expect(readFileSync(wrapped, 'utf8')).not.toEqual(readFileSync(plain, 'utf8'));
  for (const name of KEYED) {
    await stack.kill(name);
    await stack.start(name, {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      CURFEW_KEY_FILE: wrapped,
      CURFEW_KEY_VAULT_KEY: keyUrl,
      CURFEW_KEY_VAULT_AUTHORITY: authority,
      CURFEW_KEY_VAULT_CA_FILE: caFile ?? '',
      CURFEW_KEY_VAULT_TENANT_ID: credential.tenantId,
      CURFEW_KEY_VAULT_CLIENT_ID: credential.clientId,
      CURFEW_KEY_VAULT_CLIENT_SECRET: credential.secret.expose(),
    });
  }
};

faultScenario({
  number: 42,
  title: 'The key vault that wraps the keys is away',
  queues: ['postgres'],
  customers: 6,
  technicians: 8,
  minutes: 8,
  play: async (ground) => {
    const vault = await VaultServer.start();
    try {
      await wrapKeys(ground, vault);
      const asked = vault.seen.length;
      expect(asked).toBeGreaterThan(0);
      const grants = await ground.grants();
      const half = Math.floor(grants.length / 2);

      vault.trouble = { status: 503, code: 'ServiceUnavailable' };
      const ends = await ground.end(grants.slice(0, half), { spreadMs: SPREAD_MS });
      await ground.settle(ends);
      expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);

      // Who dies meanwhile can't come back before the vault does; the revoker has its keys in memory.
      await ground.stack.kill('worker');
      const others = await ground.end(grants.slice(half), { spreadMs: SPREAD_MS });
      await ground.settle(others);
      expect(Math.max(...(await ground.lateness(others)))).toBeLessThanOrEqual(LATEST_MS);

      vault.trouble = 'none';
      await ground.stack.start('worker');
      await ground.closed(grants);
    } finally {
      await vault.stop();
    }
  },
});
