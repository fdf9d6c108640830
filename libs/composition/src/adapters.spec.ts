import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idOf, Secret } from '#core/shared';
import { createLogger } from '#platform';
import { createKeyFile } from '#secrets';
import { openAdapters, type AdapterConfig } from './adapters.js';

const NOWHERE = new Secret('postgres://nobody:nothing@127.0.0.1:1/nowhere');
const logger = createLogger({ name: 'test', level: 'silent' });

let directory: string;
let config: AdapterConfig;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'curfew-adapters-'));
  const file = join(directory, 'keys.json');
  createKeyFile(file);
  config = {
    database: { url: NOWHERE, clockworkUrl: NOWHERE },
    queue: { url: NOWHERE },
    directory: { customCloud: null, federatedTokenFile: null, federatedOrganization: null },
    keys: { file },
  };
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('The adapters', () => {
  it('are opened without anybody to talk to, and say so when they are used', async () => {
    const adapters = await openAdapters(config, logger);

    expect(await adapters.answers()).toBe(false);
    expect(await adapters.refreshClock()).toBe(false);
    expect(Math.abs(adapters.ports.clock.now() - Date.now())).toBeLessThan(5_000);

    await adapters.close(100);
  });

  it('lose a bell rather than fail, when the queue is away', async () => {
    const adapters = await openAdapters(config, logger);
    const customer = {
      organizationId: '019ab0c4-0000-7000-8000-000000000001',
      customerId: '019ab0c4-0000-7000-8000-000000000002',
    };

    await expect(
      adapters.ports.queue.ring({ name: 'customer.converge', ...customer } as never),
    ).resolves.toBeUndefined();

    await adapters.close(100);
  });

  it('keep what they seal under the key of the file', async () => {
    const place = { organizationId: 'o', table: 't', column: 'c', rowId: 'r', version: 1 };
    const [one, other] = [await openAdapters(config, logger), await openAdapters(config, logger)];
    const sealed = one.ports.box.seal(new Secret('value'), place);

    expect(other.ports.box.open(sealed, place).expose()).toBe('value');
  });

  it('open with a workload identity whose token comes later than they do', async () => {
    const federatedTokenFile = join(directory, 'token');

    const adapters = await openAdapters(
      { ...config, directory: { ...config.directory, federatedTokenFile } },
      logger,
    );
    const inspection = adapters.ports.directory.inspect(
      {
        connectionId: idOf('c'),
        version: 1,
        cloud: 'global',
        tenantId: 't',
        clientId: 'a',
        credential: { kind: 'federated', value: new Secret('') },
      },
      5_000,
    );

    await expect(inspection).rejects.toThrow('workload token');
    await adapters.close(100);
  });

  it('do not open without a key, nor with a cloud whose certificate is missing', async () => {
    const cloud = {
      authority: 'https://a.example',
      graph: 'https://g.example',
      caFile: join(directory, 'ca'),
    };
    const keys = { file: join(directory, 'none') };
    const custom = { ...config, directory: { ...config.directory, customCloud: cloud } };

    await expect(openAdapters({ ...config, keys }, logger)).rejects.toThrow('key file');
    await expect(openAdapters(custom, logger)).rejects.toThrow('ENOENT');

    writeFileSync(cloud.caFile, '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n');
    await expect(openAdapters(custom, logger)).resolves.toBeDefined();
  });
});
