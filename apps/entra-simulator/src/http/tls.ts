import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Identity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const lifetimeMs = 3650 * 24 * 60 * 60 * 1000;
const sixtyDaysMs = 60 * 24 * 60 * 60 * 1000;

/**
 * A certificate authority of its own and a certificate by it, for localhost and the host that is listened on. With a
 * folder both are kept there.
 */
export async function serverIdentity(
  dataDir: string | undefined,
  host: string,
): Promise<Identity & { caFile?: string }> {
  if (dataDir === undefined) return makeIdentity(host);
  mkdirSync(dataDir, { recursive: true });
  const caFile = join(dataDir, 'ca.pem');
  const serverFile = join(dataDir, 'server.json');
  if (existsSync(caFile) && existsSync(serverFile)) {
    const kept = JSON.parse(readFileSync(serverFile, 'utf8')) as Identity;
    if (isGoodFor(host, kept.certPem)) return { ...kept, caFile };
  }
  const identity = await makeIdentity(host);
  writeFileSync(serverFile, JSON.stringify(identity), { mode: 0o600 });
  writeFileSync(caFile, identity.caPem);
  return { ...identity, caFile };
}

function isGoodFor(host: string, certPem: string): boolean {
  const certificate = new X509Certificate(certPem);
  const endsAt = new Date(certificate.validTo).getTime();
  const names = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return endsAt - sixtyDaysMs > Date.now() && (names !== undefined || isAnyAddress(host));
}

/** Listening on every address names none. */
const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

const usualNames = ['localhost', '127.0.0.1', '::1'];

function namesFor(host: string): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const names = isAnyAddress(host) || usualNames.includes(host) ? usualNames : [...usualNames, host];
  return names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
}

async function makeIdentity(host: string): Promise<Identity> {
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
        altNames: namesFor(host),
      },
    ],
  });
  return { caPem: ca.cert, certPem: leaf.cert, keyPem: leaf.private };
}
