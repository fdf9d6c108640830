import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Identity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const lifetimeMs = 3650 * 24 * 60 * 60 * 1000;
const sixtyDaysMs = 60 * 24 * 60 * 60 * 1000;

/** A certificate authority of its own and a certificate for localhost by it; with a folder both are kept there. */
export async function serverIdentity(dataDir?: string): Promise<Identity & { caFile?: string }> {
  if (dataDir === undefined) return makeIdentity();
  mkdirSync(dataDir, { recursive: true });
  const caFile = join(dataDir, 'ca.pem');
  const serverFile = join(dataDir, 'server.json');
  if (existsSync(caFile) && existsSync(serverFile)) {
    const kept = JSON.parse(readFileSync(serverFile, 'utf8')) as Identity;
    const endsAt = new Date(new X509Certificate(kept.certPem).validTo).getTime();
    if (endsAt - sixtyDaysMs > Date.now()) return { ...kept, caFile };
  }
  const identity = await makeIdentity();
  writeFileSync(serverFile, JSON.stringify(identity), { mode: 0o600 });
  writeFileSync(caFile, identity.caPem);
  return { ...identity, caFile };
}

async function makeIdentity(): Promise<Identity> {
  const common = {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + lifetimeMs),
  } as const;
  const ca = await generate([{ name: 'commonName', value: 'Entra simulator CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { caPem: ca.cert, certPem: leaf.cert, keyPem: leaf.private };
}
