import { createHash } from 'node:crypto';

/** The same text always gives the same id: for things that Entra has in every tenant. */
export function uuidFrom(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

/** Secrets are kept as salted digests only. */
export const digest = (salt: string, secret: string): string =>
  createHash('sha256').update(salt).update('\0').update(secret).digest('base64url');

/** A GUID's bytes as Windows lays them out: the first three fields little-endian. */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Entra's id of a tenant-wide role assignment follows from the role and the principal. */
export function roleAssignmentId(roleId: string, principalId: string, scope: string): string {
  const pair = Buffer.concat([guidBytes(roleId), guidBytes(principalId)]);
  const whole = scope === '/' ? pair : createHash('sha256').update(pair).update(scope).digest();
  return `${whole.toString('base64url')}-1`;
}
