import { setTimeout as pause } from 'node:timers/promises';
import type { RingKeeper, RingKey } from '#core/keys';
import type { HeldKeys } from '#core/shared';
import { createRingFile } from './key-file.js';
import { keyRingOf, sealingOf, sealingWith, withoutKey, withReadableKey } from './key-ring.js';
import { KeyPlace, type FoundRing, type KeySource } from './key-place.js';
import { KeyVaultError } from './key-vault.js';
import { LocalSecretBox } from './local-secret-box.js';

/** How to wait for a key vault that is away at the start. */
export interface KeyPatience {
  /** Then the last failure is thrown. `Infinity`: never, whatever the vault says, since a person may mend it meanwhile. */
  readonly longestMs: number;
  readonly onWait: (error: KeyVaultError, nextMs: number) => void;
  /** The first pause, doubled from try to try. */
  readonly pauseMs?: number;
}

/** A supervisor's patience is longer than this. */
export const START_PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const NO_PATIENCE: KeyPatience = { longestMs: 0, onWait: () => undefined };

/**
 * The keys of one process, kept in its memory from the start on: nobody is asked again when something is sealed or opened, so
 * that a key vault that is away delays nothing. `refresh` follows a ring that is changed meanwhile.
 */
export class LiveKeys implements RingKeeper {
  readonly box: LocalSecretBox;
  readonly #place: KeyPlace;
  #found: FoundRing;

  private constructor(place: KeyPlace, found: FoundRing) {
    this.#place = place;
    this.#found = found;
    this.box = new LocalSecretBox(keyRingOf(found.file));
  }

  /** Throws `KeyRingError`, or `KeyVaultError` once patience is over, at once for what does not heal by itself. */
  static async open(source: KeySource, options: LiveKeysOptions = {}): Promise<LiveKeys> {
    const place = new KeyPlace(source, options.takesPlain);
    return new LiveKeys(place, await readPatiently(place, options.patience ?? NO_PATIENCE));
  }

  /** Takes up what changed in the ring. When it can't be read, what was known stays in use, and this throws. */
  async refresh(): Promise<void> {
    this.#take(await this.#place.read(this.#found));
  }

  held(): HeldKeys {
    return { sealing: this.box.sealingKey, readable: this.box.readableKeys };
  }

  async keys(): Promise<readonly RingKey[]> {
    await this.refresh();
    const { file } = this.#found;
    return file.encryption.map(({ id, createdAt }) => ({ id, createdAt, seals: id === sealingOf(file) }));
  }

  async add(createdAt: number): Promise<string> {
    const { file } = this.#take(
      await this.#place.change((before) => withReadableKey(before, new Date(createdAt))),
    );
    return file.encryption.at(-1)?.id ?? '';
  }

  async use(id: string): Promise<void> {
    this.#take(await this.#place.change((before) => sealingWith(before, id)));
  }

  async retire(id: string): Promise<void> {
    this.#take(await this.#place.change((before) => withoutKey(before, id)));
  }

  /** Writes the ring, each key wrapped anew by the key vault, into a new file. */
  async wrapInto(path: string): Promise<void> {
    createRingFile(path, await this.#place.wrapped(this.#found));
  }

  #take(found: FoundRing): FoundRing {
    if (found !== this.#found) this.box.replace(keyRingOf(found.file));
    return (this.#found = found);
  }
}

export interface LiveKeysOptions {
  readonly patience?: KeyPatience;
  /** See `KeyPlace`. */
  readonly takesPlain?: boolean;
}

const readPatiently = async (place: KeyPlace, patience: KeyPatience): Promise<FoundRing> => {
  const { longestMs, onWait, pauseMs = FIRST_PAUSE_MS } = patience;
  const giveUpAt = performance.now() + longestMs;
  for (let nextMs = pauseMs; ; nextMs = Math.min(2 * nextMs, LONGEST_PAUSE_MS)) {
    try {
      return await place.read();
    } catch (error) {
      if (!(error instanceof KeyVaultError)) throw error;
      const isHopeless = !error.mayHeal && longestMs !== Infinity;
      if (isHopeless || performance.now() + nextMs > giveUpAt) throw error;
      onWait(error, nextMs);
    }
    await pause(nextMs);
  }
};
