import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';
import type { FederatedCredential } from '../state/model-sign-in.js';
import {
  assertionForAnother,
  assertionForAnotherApp,
  badAssertion,
  badFederatedAssertion,
  noFederatedIdentity,
  outOfTime,
} from './errors.js';
import type { Credentials } from './registrations.js';

interface Assertion {
  readonly jwt: string;
  /** What an assertion by certificate may be addressed to. */
  readonly audiences: readonly string[];
  readonly now: number;
}

const toleranceSeconds = 300;

/**
 * A client assertion proves an app. One that the app issued itself is signed by a registered certificate; one of
 * another issuer is a federated identity. The same assertion may come again until it expires, as with Entra.
 */
export async function checkAssertion(credentials: Credentials, assertion: Assertion): Promise<void> {
  const { header, claims } = read(assertion.jwt);
  const isThumbprinted = header.x5t !== undefined || header['x5t#S256'] !== undefined;
  if (isThumbprinted || claims.iss?.toLowerCase() === credentials.clientId.toLowerCase()) {
    await checkByCertificate(credentials, assertion, header);
  } else {
    await checkFederated(credentials.federated, assertion, claims);
  }
}

interface Header {
  x5t?: string;
  'x5t#S256'?: string;
}

function read(jwt: string): { header: Header; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  } catch {
    throw badAssertion('The assertion is not a JWT.');
  }
}

async function checkByCertificate(
  { clientId, certificates }: Credentials,
  { jwt, audiences, now }: Assertion,
  header: Header,
): Promise<void> {
  const certificate = certificateOf(certificates, header);
  if (now > Date.parse(certificate.validTo)) throw badAssertion('The key used is expired.');
  const options = {
    issuer: clientId,
    subject: clientId,
    ...optionsAt(now, audiences),
    algorithms: byCertificate,
  };
  await verify(() => jwtVerify(jwt, certificate.publicKey, options), {
    now,
    signature: (reason) => badAssertion(reason),
    claim: (claim) => (claim === 'aud' ? assertionForAnother() : assertionForAnotherApp()),
  });
}

const byCertificate = ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512'];
const byIssuer = [...byCertificate, 'ES256', 'ES384', 'ES512'];

const optionsAt = (now: number, audiences: readonly string[]): JWTVerifyOptions => ({
  audience: [...audiences],
  requiredClaims: ['exp'],
  clockTolerance: toleranceSeconds,
  currentDate: new Date(now),
});

function certificateOf(pems: readonly string[], header: Header): X509Certificate {
  const found = pems
    .map((pem) => new X509Certificate(pem))
    .find(
      (one) => thumbprint(one, 'sha1') === header.x5t || thumbprint(one, 'sha256') === header['x5t#S256'],
    );
  if (found === undefined) throw badAssertion('The key was not found.');
  return found;
}

const thumbprint = (certificate: X509Certificate, algorithm: 'sha1' | 'sha256'): string =>
  createHash(algorithm).update(certificate.raw).digest('base64url');

async function checkFederated(
  all: readonly FederatedCredential[],
  { jwt, now }: Assertion,
  claims: JWTPayload,
): Promise<void> {
  const credential = matching(all, claims);
  const options = {
    issuer: credential.issuer,
    subject: credential.subject,
    ...optionsAt(now, credential.audiences),
    algorithms: byIssuer,
  };
  await verify(() => verifyWith(credential, jwt, options), {
    now,
    signature: badFederatedAssertion,
    claim: () => badFederatedAssertion('A claim of the assertion is not valid.'),
  });
}

/** Issuer, subject and audience are compared to the letter, and each has a refusal of its own. */
function matching(all: readonly FederatedCredential[], claims: JWTPayload): FederatedCredential {
  if (all.length === 0) throw noFederatedIdentity('any', claims);
  const byIssuer = all.filter(({ issuer }) => issuer === claims.iss);
  if (byIssuer.length === 0) throw noFederatedIdentity('issuer', claims);
  const bySubject = byIssuer.filter(({ subject }) => subject === claims.sub);
  if (bySubject.length === 0) throw noFederatedIdentity('subject', claims);
  const presented = [claims.aud ?? []].flat();
  const found = bySubject.find(({ audiences }) => presented.some((one) => audiences.includes(one)));
  if (found === undefined) throw noFederatedIdentity('audience', claims);
  return found;
}

function verifyWith(
  { keys, publicKeyPem }: FederatedCredential,
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  return publicKeyPem === null
    ? jwtVerify(jwt, createLocalJWKSet({ keys } as unknown as JSONWebKeySet), options)
    : jwtVerify(jwt, createPublicKey(publicKeyPem), options);
}

interface Refusals {
  readonly now: number;
  readonly signature: (reason: string) => Error;
  readonly claim: (claim: string) => Error;
}

async function verify(check: () => Promise<JWTVerifyResult>, refusals: Refusals): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw outOfTime(refusals.now, error.payload);
    if (error instanceof errors.JWTClaimValidationFailed) {
      const isTime = error.claim === 'nbf' || error.claim === 'exp';
      throw isTime ? outOfTime(refusals.now, error.payload) : refusals.claim(error.claim);
    }
    if (error instanceof errors.JOSEError) {
      throw refusals.signature('The key or the signature does not match the assertion.');
    }
    throw error;
  }
}
