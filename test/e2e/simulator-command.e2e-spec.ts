import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectSimulator } from '../support/simulator.js';
import { until } from '../support/stack-until.js';

const root = resolve(__dirname, '../..');
const START_MS = 60_000;
const END_MS = 10_000;

interface Ended {
  readonly code: number | null;
  readonly printed: string;
}

describe('npm run simulator', () => {
  const directory = mkdtempSync(join(tmpdir(), 'curfew-simulator-command-'));
  const children: ChildProcess[] = [];

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const launch = (...args: string[]) => {
    const child = spawn(process.execPath, ['scripts/simulator.mjs', ...args], {
      cwd: root,
      env: { ...process.env, INIT_CWD: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, printed })));
    return { child, ended, printed: () => printed };
  };

  const start = async (...args: string[]) => {
    const launched = launch(...args);
    await until(launched.printed, (text) => text.includes('Ctrl-C stops it.'), {
      what: 'it runs',
      timeoutMs: START_MS,
    });
    const words = launched.printed();
    const found = (pattern: RegExp): string => pattern.exec(words)?.[1] ?? '';
    return {
      ...launched,
      words,
      url: found(/URL +(https:\S+)/),
      caFile: found(/--cacert (\S+)/),
      tenantId: found(/([0-9a-f-]{36}) {2}Contoso/),
      clientId: found(/client_id=(\S+)/),
      secret: found(/client_secret=([^']+)'/),
    };
  };

  it(
    'says how to try it, does what it says, and leaves nothing behind',
    async () => {
      const { child, ended, url, caFile, ...words } = await start('--port', '0');
      const { tenantId, clientId, secret } = words;
      const client = connectSimulator({ url, caPem: readFileSync(caFile, 'utf8') });

      const token = await client.token(tenantId, { clientId, secret });
      const users = await client.call('GET', '/v1.0/users?$select=displayName,accountEnabled', { token });
      const page = await client.call('GET', '/');
      client.close();
      child.kill('SIGTERM');

      expect((users.body as { value: unknown[] }).value).toHaveLength(6);
      expect(page.body).toContain('<title>Entra simulator</title>');
      expect((await ended).code).toBe(0);
      expect(existsSync(caFile)).toBe(false);
    },
    START_MS + END_MS,
  );

  it(
    'keeps a data folder, and names no secret of a seed file',
    async () => {
      const seed = resolve(root, 'apps/entra-simulator/examples/contoso.seed.json');
      const { child, ended, words, caFile } = await start('--port=0', '--seed', seed, '--data-dir', 'kept');
      child.kill('SIGINT');

      expect((await ended).code).toBe(0);
      expect(words).not.toContain('not-a-real-secret');
      expect(caFile).toBe(join(directory, 'kept/ca.pem'));
      const again = await start('--port=0', '--seed', seed, '--data-dir', 'kept');
      expect(again.words).toContain('from the data folder, as it was left');
      again.child.kill('SIGTERM');
      await again.ended;
    },
    2 * (START_MS + END_MS),
  );

  it(
    'refuses what it cannot do, in a sentence',
    async () => {
      const taken = createServer();
      await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
      const { port } = taken.address() as AddressInfo;

      const results = await Promise.all([
        launch('--port', String(port)).ended,
        launch('--prot', '1').ended,
        launch('--port', 'x').ended,
        launch('--seed', 'nowhere.json').ended,
      ]);
      taken.close();

      expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
      const [atPort, option, number, file] = results.map(({ printed }) => printed.trim());
      expect(atPort).toContain(`Port ${port} is taken by another program.`);
      expect(option).toMatch(/^Unknown option '--prot'/);
      expect(number).toBe("--port takes a whole number, 0 to 65535; this is 'x'.");
      expect(file).toBe(`${join(directory, 'nowhere.json')}: there is no such file`);
    },
    START_MS,
  );

  it('tells its options', async () => {
    const { code, printed } = await launch('--help').ended;

    expect(code).toBe(0);
    for (const option of ['--seed', '--port', '--host', '--data-dir', '--chance'])
      expect(printed).toContain(option);
  });
});
