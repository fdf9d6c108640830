import forge from 'node-forge';
import type { KeyedCertificate } from '#core/access';

/** The certificate and its key as a PFX file under that password, in base64. */
export const pfxOf = ({ pem, certificate }: KeyedCertificate, password: string): string => {
  const [, keyText = ''] = pem.expose().split(/(?=-----BEGIN PRIVATE KEY)/);
  const key = forge.pki.privateKeyFromPem(keyText);
  const pfx = forge.pkcs12.toPkcs12Asn1(key, forge.pki.certificateFromPem(certificate), password, {
    algorithm: '3des',
  });
  return Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'latin1').toString('base64');
};
