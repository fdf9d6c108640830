import type forge from 'node-forge';

export type Forge = typeof forge;
export type Node = forge.asn1.Asn1;

/** Why a PFX can't be opened; the caller knows which refusal that is. */
export class PfxError extends Error {
  constructor(readonly reason: 'unreadable' | 'unsupported' | 'password_wrong') {
    super(reason);
  }
}

const otherShape = (): PfxError => new PfxError('unreadable');

/** Reads the shapes of which a PFX consists; each throws `PfxError` where there is another. */
export class PfxNodes {
  constructor(readonly forge: Forge) {}

  /** `der`: bytes as characters, as forge has them all. */
  parse(der: string): Node {
    try {
      return this.forge.asn1.fromDer(der);
    } catch {
      throw otherShape();
    }
  }

  /** What a sequence, or anything else that is made of parts, consists of. */
  parts(node: Node | undefined): readonly (Node | undefined)[] {
    if (node === undefined || !Array.isArray(node.value)) throw otherShape();
    return node.value;
  }

  /** What stands behind an explicit tag. */
  explicit(node: Node | undefined): Node {
    const [inner] = this.parts(node);
    if (inner === undefined) throw otherShape();
    return inner;
  }

  /** An octet string, in one piece or in several. */
  octets(node: Node | undefined): string {
    if (node === undefined) throw otherShape();
    return typeof node.value === 'string'
      ? node.value
      : node.value.map((piece) => this.octets(piece)).join('');
  }

  oid(node: Node | undefined): string {
    const { asn1, util } = this.forge;
    if (node?.type !== asn1.Type.OID) throw otherShape();
    return asn1.derToOid(util.createBuffer(this.octets(node)));
  }

  integer(node: Node | undefined): number {
    const bytes = this.octets(node);
    // More than six bytes are more than anybody counts to.
    if (node?.type !== this.forge.asn1.Type.INTEGER || bytes.length > 6) throw otherShape();
    return Buffer.from(bytes, 'latin1').readIntBE(0, bytes.length);
  }
}
