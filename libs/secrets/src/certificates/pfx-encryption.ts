import { PfxError, type Node, type PfxNodes } from './pfx-nodes.js';

/** How a part of a PFX is encrypted. */
export interface PfxEncryption {
  readonly oid: string;
  readonly parameters: Node;
  readonly iterations: number;
  /** PKCS #5, second scheme: takes the password as UTF-8, where the older ones take it as UTF-16. */
  readonly isModern: boolean;
}

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
/** TripleDES with three and two keys, RC2 with 128 and 40 bits: what Windows and older tools write. */
const OLDER = /^1\.2\.840\.113549\.1\.12\.1\.[3-6]$/;

/** Reads how it is encrypted, and how dear it will be to find the key. */
export const encryptionOf = (nodes: PfxNodes, algorithm: Node | undefined): PfxEncryption => {
  const [kind, parameters] = nodes.parts(algorithm);
  const oid = nodes.oid(kind);
  if (parameters === undefined) throw new PfxError('unreadable');
  if (OLDER.test(oid)) {
    const iterations = nodes.integer(nodes.parts(parameters)[1]);
    return { oid, parameters, iterations, isModern: false };
  }
  if (oid !== PBES2) throw new PfxError('unsupported');
  const [derivation, settings] = nodes.parts(nodes.parts(parameters)[0]);
  if (nodes.oid(derivation) !== PBKDF2) throw new PfxError('unsupported');
  return { oid, parameters, iterations: nodes.integer(nodes.parts(settings)[1]), isModern: true };
};

/** The part that forge's types leave out. */
interface Pbe {
  getCipher(oid: string, parameters: Node, password: string | null): Cipher;
}
interface Cipher {
  update(text: unknown): void;
  finish(): boolean;
  readonly output: { getBytes(): string };
}

/** Null: the password is another one, or the text is damaged. */
export const decrypt = (
  { forge }: PfxNodes,
  { oid, parameters, isModern }: PfxEncryption,
  { text, password }: { readonly text: string; readonly password: string | null },
): string | null => {
  const { pbe } = forge.pki as unknown as { readonly pbe: Pbe };
  const cipher = cipherOf(() =>
    pbe.getCipher(oid, parameters, isModern ? forge.util.encodeUtf8(password ?? '') : password),
  );
  cipher.update(forge.util.createBuffer(text));
  return cipher.finish() ? cipher.output.getBytes() : null;
};

const cipherOf = (make: () => Cipher): Cipher => {
  try {
    return make();
  } catch {
    throw new PfxError('unsupported');
  }
};
