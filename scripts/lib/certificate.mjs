import { generate } from 'selfsigned';

const DAYS = 365;

/** A self-signed certificate: alone, and as the PEM with its private key that a connection takes. */
export const makeCertificate = async (commonName) => {
  const notAfterDate = new Date(Date.now() + DAYS * 86_400_000);
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 2_048,
    algorithm: 'sha256',
    notAfterDate,
  });
  return { certificate: cert, pem: `${key.trim()}\n${cert.trim()}\n` };
};
