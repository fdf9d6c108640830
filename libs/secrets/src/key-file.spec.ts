import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret, type SealedPlace } from '#core/shared';
import { createKeyFile, readKeyFile, readKeys } from './key-file.js';
import { LocalSecretBox } from './local-secret-box.js';

const place: SealedPlace = { organizationId: 'msp', table: 'grant', column: 'pass', rowId: '7', version: 1 };

describe('A key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-keys-'));
  let count = 0;
  const aPath = (): string => join(folder, 'secrets', `${count++}.json`);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is created for its owner only, and read back as the same keys', () => {
    const path = aPath();
    const created = new LocalSecretBox(createKeyFile(path));

    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(
      new LocalSecretBox(readKeyFile(path)).open(created.seal(new Secret('x'), place), place).expose(),
    ).toBe('x');
  });

  it('is never created over one that is there', () => {
    const path = aPath();
    createKeyFile(path);
    const before = readFileSync(path, 'utf8');

    expect(() => createKeyFile(path)).toThrow('was not created (EEXIST)');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([0o404, 0o444, 0o460, 0o602])('is refused when its mode is %o', (mode) => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, mode);

    expect(() => readKeyFile(path)).toThrow('may be read or changed by others');
  });

  it('may be read by its group, as container platforms mount it', () => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, 0o440);

    expect(readKeyFile(path).encryption.size).toBe(1);
  });

  it('can be handed in by the environment as base64', () => {
    const path = aPath();
    const created = new LocalSecretBox(createKeyFile(path));
    const handedIn = new LocalSecretBox(readKeys(new Secret(readFileSync(path).toString('base64'))));

    expect(handedIn.mark(['a'])).toBe(created.mark(['a']));
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
  ])('that is broken is refused without showing what stands in it: %s', (text, reason) => {
    const path = aPath();
    createKeyFile(path);
    chmodSync(path, 0o600);
    writeFileSync(path, text);

    expect(() => readKeyFile(path)).toThrow(reason);
    expect(() => readKeyFile(path)).not.toThrow('canary');
  });

  it('that is not there is said to be missing', () => {
    expect(() => readKeyFile(aPath())).toThrow('cannot be read (ENOENT)');
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
