import type { Secret } from '#core/shared';
import { changeRingFile, readRingFile, ringText } from './key-file.js';
import { formatOf, KeyRingError, parseKeyFile, type KeyFile } from './key-ring.js';
import { KeyVault, type KeyVaultConfig } from './key-vault.js';
import { parseWrappedFile, unwrapRing, WRAPPED_FORMAT, wrapRing, type Unwrapped } from './wrapped-ring.js';

/** Where the keys of a process come from: a file, or the same text in base64; wrapped by a key vault, or not. */
export type KeySource = ({ readonly file: string } | { readonly inline: Secret }) & {
  readonly vault?: KeyVaultConfig | null;
};

/** The text of a ring, and what it comes to. */
export interface FoundRing {
  readonly text: string;
  readonly file: KeyFile;
}

/** Reads and changes the ring of one source. */
export class KeyPlace {
  readonly #source: KeySource;
  readonly #vault: KeyVault | null;
  readonly #takesPlain: boolean;
  readonly #unwrapped: Unwrapped = new Map();

  /** `takesPlain`: also though a key vault is set, as whoever is about to wrap the keys must. */
  constructor(source: KeySource, takesPlain = false) {
    this.#source = source;
    this.#vault = source.vault == null ? null : new KeyVault(source.vault);
    this.#takesPlain = takesPlain || this.#vault === null;
  }

  /** Throws `KeyRingError`, or `KeyVaultError` when the vault did not unwrap it. `before`: answered as it is while nothing changed. */
  async read(before: FoundRing | null = null): Promise<FoundRing> {
    const source = this.#source;
    const text =
      'file' in source
        ? readRingFile(source.file)
        : Buffer.from(source.inline.expose(), 'base64').toString('utf8');
    return text === before?.text ? before : { text, file: await this.#opened(text) };
  }

  /** Changes the ring where it is kept, and answers the changed one. */
  async change(change: (file: KeyFile) => KeyFile): Promise<FoundRing> {
    if (!('file' in this.#source))
      throw new KeyRingError(
        'The keys come from CURFEW_KEYS, which nobody can change from here: put them into a file, name it in ' +
          'CURFEW_KEY_FILE for this command, and hand the changed file to every process (docs/runbooks/rotate-keys.md).',
      );
    const text = await changeRingFile(this.#source.file, async (before) => {
      const after = change(await this.#opened(before));
      if (formatOf(before) !== WRAPPED_FORMAT) return ringText(after);
      return ringText(await wrapRing(after, this.#mustHaveVault(), parseWrappedFile(before)));
    });
    return { text, file: await this.#opened(text) };
  }

  /** The ring's text with every key wrapped anew. */
  async wrapped({ file }: FoundRing): Promise<string> {
    return ringText(await wrapRing(file, this.#mustHaveVault(), null));
  }

  async #opened(text: string): Promise<KeyFile> {
    if (formatOf(text) === WRAPPED_FORMAT)
      return unwrapRing(parseWrappedFile(text), this.#mustHaveVault(), this.#unwrapped);
    const file = parseKeyFile(text);
    if (!this.#takesPlain)
      throw new KeyRingError(
        'CURFEW_KEY_VAULT_KEY is set, and the keys are not wrapped by it: `curfew keys wrap` does that.',
      );
    return file;
  }

  #mustHaveVault(): KeyVault {
    if (this.#vault === null)
      throw new KeyRingError('The keys are wrapped by a key vault: set CURFEW_KEY_VAULT_KEY.');
    return this.#vault;
  }
}
