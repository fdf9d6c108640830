import { defineErrors } from '#core/shared';

/**
 * Of all key derivations that opening a PFX takes together: a deliberately dear one would keep the process from everything
 * else. Usual are 2,000 to 10,000 each; a hundred thousand take about a second here.
 */
export const MOST_PFX_ITERATIONS = 100_000;
/** Of each: the check over the file, its key and its certificates; without a password the check is tried twice. */
const SAFE_EACH = MOST_PFX_ITERATIONS / 5;

const counted = (iterations: number): string => iterations.toLocaleString('en-US');

export const certificateErrors = defineErrors({
  'certificate.unreadable': {
    kind: 'invalid',
    title: 'This is no PEM with a certificate.',
    remedy:
      'Send certificate and private key as PEM text (`-----BEGIN CERTIFICATE-----` …), or a PFX file as `pfx`.',
  },
  'certificate.pfx_unreadable': {
    kind: 'invalid',
    title: 'This is no PFX (PKCS#12) file, or it is damaged.',
    remedy: 'Send the whole file, as base64 and nothing else, exported with its private key.',
  },
  'certificate.pfx_unsupported': {
    kind: 'invalid',
    title: 'The PFX file is encrypted in a way that Curfew does not open.',
    remedy:
      `Export it anew with AES-256 or TripleDES and at most ${counted(MOST_PFX_ITERATIONS)} iterations in all: check (MAC), key and ` +
      `certificates together; ${counted(SAFE_EACH)} each is safe (openssl pkcs12 -export -iter, Export-PfxCertificate).`,
  },
  'certificate.password_wrong': {
    kind: 'invalid',
    title: 'The password does not open the PFX file.',
    remedy: 'Send the password with which the file was exported; leave it out when there is none.',
  },
  'certificate.key_missing': {
    kind: 'invalid',
    title: 'There is a certificate, but no private key that can be read with it.',
    remedy:
      'Export it together with its private key. In a PEM the key must not be encrypted (`-----BEGIN PRIVATE KEY-----`).',
  },
  'certificate.key_mismatch': {
    kind: 'invalid',
    title: 'The private key is not that of the certificate.',
    remedy: 'Send the certificate and the private key that were made together.',
  },
  'certificate.key_unsupported': {
    kind: 'invalid',
    title: 'Entra takes no such key: `key` says what it is.',
    remedy: 'Use an RSA key of 2048 bits or more.',
  },
  'certificate.pending_exists': {
    kind: 'conflict',
    title: 'A certificate was made for this customer and not activated yet.',
    remedy: 'Upload that one to the app registration and activate it, or throw it away first.',
  },
  'certificate.pending_not_found': {
    kind: 'not_found',
    title: 'No certificate waits to be activated at this customer.',
    remedy: 'Make one with POST /api/v1/customers/{id}/entra-connection/pending-certificate.',
  },
  'certificate.not_own_app': {
    kind: 'conflict',
    title: "This customer is connected by the organization's app, which has a credential of its own.",
    remedy:
      'Exchange the credential of that app, or connect the customer by an app of its own with `credential` `pending-certificate`.',
  },
  'certificate.ended': {
    kind: 'invalid',
    title: 'The certificate has ended: `endsAt` says when.',
    remedy: 'Use one that is valid now, and for as long as you like to be left alone by it.',
  },
  'certificate.not_yet_valid': {
    kind: 'invalid',
    title: 'The certificate is not valid yet: `startsAt` says from when.',
    remedy: 'Use one that is valid now, or wait.',
  },
});
