import { decrypt, encryptionOf } from './pfx-encryption.js';
import { PfxError, PfxNodes, type Node } from './pfx-nodes.js';

/** What lies in a PFX, in DER: certificates, and private keys as PKCS#8. */
export interface PfxContent {
  readonly certificates: readonly Buffer[];
  readonly keys: readonly Buffer[];
}

/** Iterations that may still be spent on a file, whatever is tried with it. */
export interface Budget {
  left: number;
}

const OID = {
  content: '1.2.840.113549.1.7.1',
  encryptedContent: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509: '1.2.840.113549.1.9.22.1',
};

/** Digests of the check over the whole file that there are files with. */
const DIGESTS: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/**
 * Opens a PFX (PKCS#12). By the parts of `forge` and not by its own reader of such files, which takes any number of
 * iterations, and a password with an umlaut for another one. Null: there is no password. Throws `PfxError`.
 */
export const openPfx = async (file: Buffer, password: string | null, budget: Budget): Promise<PfxContent> => {
  // Not before it is needed: of all processes only the API ever does.
  const { default: forge } = await import('node-forge');
  const opening = new Opening(new PfxNodes(forge), password, budget);
  try {
    return opening.of(file);
  } catch (error) {
    // Without the check over the whole file a wrong password shows only by what it makes of the content.
    const isGarbled = opening.isGuessed && !(error instanceof PfxError && error.reason === 'unsupported');
    if (isGarbled) throw new PfxError('password_wrong');
    throw error instanceof PfxError ? error : new PfxError('unreadable');
  }
};

class Opening {
  readonly #certificates: Buffer[] = [];
  readonly #keys: Buffer[] = [];
  #isUsed = false;
  #isProven = false;

  constructor(
    private readonly nodes: PfxNodes,
    private readonly password: string | null,
    private readonly budget: Budget,
  ) {}

  /** The password was used, and nothing has said yet that it is the right one. */
  get isGuessed(): boolean {
    return this.#isUsed && !this.#isProven;
  }

  of(file: Buffer): PfxContent {
    const { nodes } = this;
    const [, authSafe, check] = nodes.parts(nodes.parse(file.toString('latin1')));
    const content = this.#plain(authSafe);
    if (check !== undefined) this.#prove(content, check);
    for (const part of nodes.parts(nodes.parse(content))) this.#readPart(part);
    return { certificates: this.#certificates, keys: this.#keys };
  }

  #prove(content: string, check: Node): void {
    const { nodes, password } = this;
    const { forge } = nodes;
    const [digestInfo, salt, iterations] = nodes.parts(check);
    const [algorithm, expected] = nodes.parts(digestInfo);
    const name = DIGESTS[nodes.oid(nodes.parts(algorithm)[0])];
    if (name === undefined) throw new PfxError('unsupported');
    const count = iterations === undefined ? 1 : nodes.integer(iterations);
    this.#spend(count);
    const digest = forge.md[name].create();
    const saltBytes = forge.util.createBuffer(nodes.octets(salt));
    const key = forge.pkcs12.generateKey(password, saltBytes, 3, count, digest.digestLength, digest);
    const hmac = forge.hmac.create();
    hmac.start(name, key);
    hmac.update(content);
    if (hmac.getMac().getBytes() !== nodes.octets(expected)) throw new PfxError('password_wrong');
    this.#isProven = true;
  }

  #readPart(part: Node | undefined): void {
    const { nodes } = this;
    const [kind, content] = nodes.parts(part);
    if (nodes.oid(kind) !== OID.encryptedContent) return this.#readBags(this.#plain(part));
    const [, encrypted] = nodes.parts(nodes.explicit(content));
    const [, algorithm, text] = nodes.parts(encrypted);
    this.#readBags(this.#decrypted(algorithm, text));
  }

  #plain(info: Node | undefined): string {
    const { nodes } = this;
    const [kind, content] = nodes.parts(info);
    // There are some that are encrypted or signed with a key instead of a password.
    if (nodes.oid(kind) !== OID.content) throw new PfxError('unsupported');
    return nodes.octets(nodes.explicit(content));
  }

  #readBags(content: string): void {
    const { nodes } = this;
    for (const bag of nodes.parts(nodes.parse(content))) {
      const [kind, wrapped] = nodes.parts(bag);
      this.#readBag(nodes.oid(kind), nodes.explicit(wrapped));
    }
  }

  #readBag(kind: string, value: Node): void {
    const { nodes } = this;
    const [first, second] = nodes.parts(value);
    if (kind === OID.keyBag) this.#keys.push(bufferOf(nodes.forge.asn1.toDer(value).getBytes()));
    if (kind === OID.shroudedKeyBag) this.#keys.push(bufferOf(this.#decrypted(first, second)));
    if (kind === OID.certificateBag && nodes.oid(first) === OID.x509)
      this.#certificates.push(bufferOf(nodes.octets(nodes.explicit(second))));
  }

  #decrypted(algorithm: Node | undefined, text: Node | undefined): string {
    const encryption = encryptionOf(this.nodes, algorithm);
    this.#spend(encryption.iterations);
    const { password } = this;
    const plain = decrypt(this.nodes, encryption, { text: this.nodes.octets(text), password });
    if (plain === null) throw new PfxError('unreadable');
    return plain;
  }

  #spend(iterations: number): void {
    this.#isUsed = true;
    this.budget.left -= iterations;
    if (iterations < 1 || this.budget.left < 0) throw new PfxError('unsupported');
  }
}

const bufferOf = (bytes: string): Buffer => Buffer.from(bytes, 'latin1');
