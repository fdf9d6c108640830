import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, type SealedPlace } from '#core/shared';
import { createKeyFile } from './key-file.js';
import { KeyVault, KeyVaultError, type KeyVaultConfig } from './key-vault.js';
import { LiveKeys, type KeyPatience } from './live-keys.js';
import { VaultServer } from './testing/vault-server.js';

const place: SealedPlace = { organizationId: 'msp', table: 'grant', column: 'pass', rowId: '7', version: 1 };

let server: VaultServer;
let folder: string;
let plain: string;
let wrapped: string;

const open = (options: Parameters<typeof LiveKeys.open>[1] = {}): Promise<LiveKeys> =>
  LiveKeys.open({ file: wrapped, vault: server.config }, options);

/** Waits as told, and has something happen meanwhile. */
const patience = (longestMs: number, meanwhile: (tries: number) => void = () => undefined) => {
  const told: string[] = [];
  const onWait: KeyPatience['onWait'] = ({ message }) => meanwhile(told.push(message));
  return { told, patience: { longestMs, onWait, pauseMs: 1 } };
};

beforeEach(async () => {
  server = await VaultServer.start();
  folder = mkdtempSync(join(tmpdir(), 'curfew-wrapped-'));
  plain = join(folder, 'plain.json');
  wrapped = join(folder, 'keys.json');
  createKeyFile(plain);
  const keys = await LiveKeys.open({ file: plain, vault: server.config }, { takesPlain: true });
  await keys.wrapInto(wrapped);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

describe('Keys wrapped by a key vault', () => {
  it('are the same keys, and none of them stands in the file', async () => {
    const before = (await LiveKeys.open({ file: plain })).box;
    const { box } = await open();
    const { encryption, mark } = JSON.parse(readFileSync(plain, 'utf8')) as {
      encryption: { key: string }[];
      mark: string;
    };

    expect(box.open(before.seal(new Secret('value'), place), place).expose()).toBe('value');
    expect(box.mark(['a'])).toBe(before.mark(['a']));
    for (const key of [mark, ...encryption.map((entry) => entry.key)])
      expect(readFileSync(wrapped, 'utf8')).not.toContain(key);
  });

  it('may come from the environment', async () => {
    const inline = new Secret(readFileSync(wrapped).toString('base64'));

    const { box } = await LiveKeys.open({ inline, vault: server.config });

    expect(box.mark(['a'])).toBe((await open()).box.mark(['a']));
  });

  it('are refused without the vault, and plain keys where a vault is set', async () => {
    await expect(LiveKeys.open({ file: wrapped })).rejects.toThrow('set CURFEW_KEY_VAULT_KEY');
    await expect(LiveKeys.open({ file: plain, vault: server.config })).rejects.toThrow('not wrapped by it');
  });

  it('seal and open while the vault is away, and are followed again when it is back', async () => {
    const [keys, follower] = [await open(), await open()];
    const sealed = follower.box.seal(new Secret('value'), place);
    const id = await keys.add(0);
    server.trouble = 'gone';
    const asked = server.seen.length;

    expect(follower.box.open(sealed, place).expose()).toBe('value');
    expect(follower.box.open(follower.box.seal(new Secret('b'), place), place).expose()).toBe('b');
    expect(server.seen).toHaveLength(asked);
    await expect(follower.refresh()).rejects.toBeInstanceOf(KeyVaultError);
    expect(follower.held().readable).toHaveLength(1);

    server.trouble = 'none';
    await follower.refresh();
    expect(follower.held().readable).toContain(id);
  });

  it('ask the vault for nothing while the ring stays as it is, and for a new key alone when it changes', async () => {
    const [keys, follower] = [await open(), await open()];
    const asked = server.seen.length;
    await follower.refresh();
    expect(server.seen).toHaveLength(asked);

    await keys.add(0);
    const before = server.seen.length;
    await follower.refresh();
    expect(server.seen.slice(before).filter((line) => line.endsWith('/unwrapkey'))).toHaveLength(1);
  });

  it.each(['RSA', 'oct-HSM'] as const)(
    'stay readable when the vault rotates its own key to %s',
    async (kind) => {
      const first = (await open()).box;
      server.rotate(kind);
      const keys = await open();
      await keys.use(await keys.add(0));
      const anew = join(folder, 'anew.json');
      await keys.wrapInto(anew);

      server.purgeOld();
      await expect(open()).rejects.toThrow('404 (KeyNotFound)');
      const again = await LiveKeys.open({ file: anew, vault: server.config });
      expect(again.box.open(first.seal(new Secret('value'), place), place).expose()).toBe('value');
      expect(again.held().sealing).toBe(keys.held().sealing);
    },
  );

  it('need nothing but get, wrap and unwrap, and to be read not even get', async () => {
    server.allowed.delete('wrapkey');
    server.allowed.delete('get');
    await expect(open()).resolves.toBeDefined();

    server.allowed.delete('unwrapkey');
    await expect(open()).rejects.toThrow('403 (Forbidden): it forbids this');
  });
});

describe('A key vault at the start', () => {
  it('that is away is waited for, and comes back', async () => {
    server.trouble = 'gone';
    const waiting = patience(60_000, (tries) => {
      if (tries === 2) server.trouble = { status: 503, code: 'ServiceUnavailable' };
      if (tries === 4) server.trouble = { status: 429, code: 'Throttled' };
      if (tries === 6) server.trouble = 'none';
    });

    const { box } = await open(waiting);

    expect(box.mark(['a'])).toHaveLength(43);
    expect(waiting.told).toHaveLength(6);
    expect(waiting.told.join()).toContain('429 (Throttled): it asks for patience');
  });

  it('that stays away is told of once patience is over', async () => {
    server.trouble = { status: 500, code: 'InternalError' };
    const waiting = patience(1_500);

    await expect(open(waiting)).rejects.toThrow('The key vault answered 500 (InternalError)');
    expect(waiting.told.length).toBeGreaterThan(1);
  });

  it('that is disabled, forbidden or wrong is told of at once, except to whoever waits for ever', async () => {
    server.disable();
    const impatient = patience(60_000);
    await expect(open(impatient)).rejects.toThrow('the key must be enabled');
    expect(impatient.told).toEqual([]);

    const revoker = patience(Infinity, (tries) => void (tries === 3 && server.enable()));
    await expect(open(revoker)).resolves.toBeDefined();
    expect(revoker.told).toHaveLength(3);
  });

  it('is not waited for by a call for longer than it may take', async () => {
    const vault = new KeyVault(server.config, 50);
    server.trouble = 'silent';

    await expect(vault.wrap('AAAA')).rejects.toMatchObject({
      message: 'The key vault did not answer in 50 ms.',
      mayHeal: true,
    });
  });
});

describe('A key vault that refuses', () => {
  const other = (credential: object): KeyVaultConfig => ({
    ...server.config,
    credential: { ...server.config.credential, ...credential },
  });

  it('our sign-in is told of without secret, and does not heal', async () => {
    const config = other({ secret: new Secret('canary-wrong') });
    const refusal: unknown = await LiveKeys.open({ file: wrapped, vault: config }).catch(
      (error: unknown) => error,
    );

    expect(refusal).toMatchObject({ name: 'KeyVaultError', mayHeal: false });
    expect(String(refusal)).not.toContain('canary');
  });

  it.each([
    [400, false],
    [403, false],
    [404, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])('with %i heals by itself: %s; what it says besides is not repeated', async (status, mayHeal) => {
    server.trouble = { status, code: 'Code' };
    const refusal: unknown = await open().catch((error: unknown) => error);

    expect(refusal).toMatchObject({ name: 'KeyVaultError', mayHeal });
    expect(String(refusal)).toContain(`answered ${status} (Code)`);
    expect(String(refusal)).not.toContain('canary');
  });

  it('is never asked about keys that another vault or key has wrapped', async () => {
    const asked = server.seen.length;
    for (const by of ['https://evil.example/keys/curfew/1', server.config.keyUrl.replace('curfew-test', 'x')])
      await expect(
        new KeyVault(server.config).unwrap({ by: `${by}/1`, algorithm: 'RSA-OAEP-256', wrapped: 'AAAA' }),
      ).rejects.toThrow('another key than CURFEW_KEY_VAULT_KEY names');
    await expect(
      LiveKeys.open({ file: wrapped, vault: { ...server.config, keyUrl: `${server.config.keyUrl}x` } }),
    ).rejects.toThrow('another key');
    expect(server.seen).toHaveLength(asked);
  });

  it.each([
    'http://v.vault.azure.net/keys/k',
    'https://v.vault.azure.net/secrets/k',
    'https://v.vault.azure.net/keys/k/1',
    'no',
  ])('is not opened by a wrong address: %s', (keyUrl) => {
    expect(() => new KeyVault({ ...server.config, keyUrl })).toThrow('CURFEW_KEY_VAULT_KEY');
  });
});
