import type { RevealedCredentials } from '#core/convergence';
import { iso } from '../wire.js';

/** The only place where a secret leaves the process on purpose. */
export const presentCredentials = ({ upn, password, pass, expiresAt }: RevealedCredentials) => ({
  upn,
  password: password?.expose() ?? null,
  pass:
    pass === null ? null : { value: pass.pass.expose(), expiresAt: iso(pass.expiresAt), usable: pass.usable },
  expiresAt: iso(expiresAt),
});
