import { createHash, X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { App } from '../state/model.js';
import { badAssertion, noFederatedIdentity } from './errors.js';

interface Assertion {
  readonly jwt: string;
  /** What the assertion may be addressed to. */
  readonly audiences: readonly string[];
  readonly now: number;
}

/** A client assertion proves an app by a registered certificate: thumbprint, signature, audience and time. */
export async function checkAssertion(app: App, assertion: Assertion): Promise<void> {
  const header = headerOf(assertion.jwt);
  const certificate = certificateOf(app, header);
  const now = new Date(assertion.now);
  if (now > new Date(certificate.validTo)) throw badAssertion('The key used is expired.');
  try {
    await jwtVerify(assertion.jwt, certificate.publicKey, {
      audience: [...assertion.audiences],
      issuer: app.clientId,
      subject: app.clientId,
      requiredClaims: ['exp'],
      clockTolerance: 300,
      currentDate: now,
      algorithms: ['RS256', 'PS256'],
    });
  } catch (error) {
    throw badAssertion(`The assertion is not valid: ${(error as Error).message}`);
  }
}

interface Header {
  x5t?: string;
  'x5t#S256'?: string;
}

function headerOf(jwt: string): Header {
  try {
    decodeJwt(jwt);
    return decodeProtectedHeader(jwt);
  } catch {
    throw badAssertion('The assertion is not a JWT.');
  }
}

/** An assertion without a thumbprint is a federated one, and no issuer is registered here. */
function certificateOf(app: App, header: Header): X509Certificate {
  const sha1 = header.x5t;
  const sha256 = header['x5t#S256'];
  if (sha1 === undefined && sha256 === undefined) throw noFederatedIdentity();
  const found = app.certificates
    .map((pem) => new X509Certificate(pem))
    .find((one) => thumbprint(one, 'sha1') === sha1 || thumbprint(one, 'sha256') === sha256);
  if (found === undefined) throw badAssertion('The key was not found.');
  return found;
}

const thumbprint = (certificate: X509Certificate, algorithm: 'sha1' | 'sha256'): string =>
  createHash(algorithm).update(certificate.raw).digest('base64url');
