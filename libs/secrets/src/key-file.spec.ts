import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { Secret, type SealedPlace } from '#core/shared';
import { describeRingKeeper } from '#core/testing';
import { changeRingFile, createKeyFile } from './key-file.js';
import { LiveKeys } from './live-keys.js';
import { LocalSecretBox } from './local-secret-box.js';

const place: SealedPlace = { organizationId: 'msp', table: 'grant', column: 'pass', rowId: '7', version: 1 };

describe('A key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-keys-'));
  let count = 0;
  const aPath = (): string => join(folder, 'secrets', `${count++}.json`);

  afterAll(() => rmSync(folder, { recursive: true }));

  describeRingKeeper('LiveKeys', async () => {
    const path = aPath();
    createKeyFile(path);
    const ring = await LiveKeys.open({ file: path });
    return { ring, box: ring.box };
  });

  it('is created for its owner only, and read back as the same keys', async () => {
    const path = aPath();
    const created = new LocalSecretBox(createKeyFile(path));
    const { box } = await LiveKeys.open({ file: path });

    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(box.open(created.seal(new Secret('x'), place), place).expose()).toBe('x');
  });

  it('is never created over one that is there', () => {
    const path = aPath();
    createKeyFile(path);
    const before = readFileSync(path, 'utf8');

    expect(() => createKeyFile(path)).toThrow('was not created (EEXIST)');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([0o404, 0o444, 0o460, 0o602])('is refused when its mode is %o', async (mode) => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, mode);

    await expect(LiveKeys.open({ file: path })).rejects.toThrow('may be read or changed by others');
  });

  it('may be read by its group, as container platforms mount it', async () => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, 0o440);

    expect((await LiveKeys.open({ file: path })).held().readable).toHaveLength(1);
  });

  it('can be handed in by the environment as base64', async () => {
    const path = aPath();
    const created = new LocalSecretBox(createKeyFile(path));
    const handedIn = await LiveKeys.open({ inline: new Secret(readFileSync(path).toString('base64')) });

    expect(handedIn.box.mark(['a'])).toBe(created.mark(['a']));
    await expect(handedIn.add(0)).rejects.toThrow('CURFEW_KEYS, which nobody can change from here');
  });

  it.each([
    ['canary-no-json', 'is not JSON'],
    ['{"format":"canary"}', 'not a key file'],
    ['{"format":"curfew-keys-v1","encryption":[],"mark":"canary"}', 'holds no encryption key'],
    ['{"format":"curfew-keys-v1","encryption":[{"id":"A.canary"}],"mark":""}', 'no usable id'],
    [
      '{"format":"curfew-keys-v1","encryption":[{"id":"k1","createdAt":"","key":"canary"}]}',
      'is not 32 bytes',
    ],
  ])('that is broken is refused without showing what stands in it: %s', async (text, reason) => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, 0o600);
    writeFileSync(path, text);

    const inline = new Secret(Buffer.from(text).toString('base64'));
    for (const source of [{ file: path }, { inline }]) {
      const told = await LiveKeys.open(source).then(String, String);
      expect(told).toContain(reason);
      expect(told).not.toContain('canary');
    }
  });

  it('that is not there is said to be missing', async () => {
    await expect(LiveKeys.open({ file: aPath() })).rejects.toThrow('cannot be read (ENOENT)');
  });

  it('gets a key that opens only, then seals, then is the only one; its marker key stays', async () => {
    const path = aPath();
    const first = new LocalSecretBox(createKeyFile(path));
    chmodSync(path, 0o440);
    const keys = await LiveKeys.open({ file: path });
    const [old] = await keys.keys();

    const id = await keys.add(0);
    expect(await keys.keys()).toMatchObject([
      { id: old?.id, seals: true },
      { id, createdAt: '1970-01-01T00:00:00.000Z', seals: false },
    ]);
    await expect(keys.retire(old?.id ?? '')).rejects.toThrow('seals: another one must do that first');
    await keys.use(id);
    await keys.retire(old?.id ?? '');

    const alone = await LiveKeys.open({ file: path });
    expect(alone.held()).toEqual({ sealing: id, readable: [id] });
    expect(alone.box.mark(['a'])).toBe(first.mark(['a']));
    expect(statSync(path).mode & 0o777).toBe(0o440);
    await expect(keys.use('k0')).rejects.toThrow('no such encryption key');
  });

  it('is followed while the process runs, and kept to what it was when it can not be read', async () => {
    const path = aPath();
    createKeyFile(path);
    const [keys, follower] = [await LiveKeys.open({ file: path }), await LiveKeys.open({ file: path })];
    const before = follower.held();

    const id = await keys.add(0);
    await follower.refresh();
    expect(follower.held()).toEqual({ sealing: before.sealing, readable: [...before.readable, id] });
    rmSync(path);
    await expect(follower.refresh()).rejects.toThrow('ENOENT');
    expect(follower.held().readable).toHaveLength(2);
  });

  it('is changed by one at a time, and by the next once the first is dead', async () => {
    const path = aPath();
    createKeyFile(path);
    const keys = await LiveKeys.open({ file: path });
    writeFileSync(`${path}.editing`, '');

    await expect(keys.add(0)).rejects.toThrow('Somebody else changes the key file');
    utimesSync(`${path}.editing`, 0, 0);
    await keys.add(0);
    expect(await keys.keys()).toHaveLength(2);
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)))).toEqual([
      basename(path),
    ]);
  });

  it('stays as it was when its change fails', async () => {
    const path = aPath();
    createKeyFile(path);
    const before = readFileSync(path, 'utf8');

    await expect(changeRingFile(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await (await LiveKeys.open({ file: path })).add(0);
    expect(readFileSync(path, 'utf8')).not.toBe(before);
  });

  it('does not print its keys', () => {
    const path = aPath();
    const keys = createKeyFile(path);
    const { encryption, mark } = JSON.parse(readFileSync(path, 'utf8')) as {
      encryption: { key: string }[];
      mark: string;
    };

    for (const key of [mark, ...encryption.map((entry) => entry.key)]) {
      expect(inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys)).not.toContain(key);
    }
  });
});
