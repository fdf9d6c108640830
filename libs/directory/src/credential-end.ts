import { X509Certificate } from 'node:crypto';
import type { EntraApp } from '#core/tenancy';

/** When a credential ends, in milliseconds since 1970; null: it doesn't say so, as a secret never does. */
export const credentialEnd = ({ kind, value }: EntraApp['credential']): number | null => {
  if (kind !== 'certificate') return null;
  try {
    // Of a chain the first one is ours: it signs.
    const endsAt = Date.parse(new X509Certificate(value.expose()).validTo);
    return Number.isNaN(endsAt) ? null : endsAt;
  } catch {
    // Entra has taken it, or will refuse it: that is said elsewhere.
    return null;
  }
};
