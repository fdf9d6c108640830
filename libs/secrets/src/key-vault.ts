import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import type { Secret } from '#core/shared';
import { KeyRingError, keyText } from './key-ring.js';

/** Which key of which vault, and by what we sign in to it. */
export interface KeyVaultConfig {
  /** `https://<vault>/keys/<name>`, without a version: its current one wraps. */
  readonly keyUrl: string;
  readonly authority: string;
  readonly caFile: string | null;
  readonly credential: KeyVaultCredential;
  /** How the hosts' names become addresses; absent: as the system does it. */
  readonly lookup?: LookupFunction;
}

/** `managed`: the identity of the machine, by whose client id if it has several. */
export type KeyVaultCredential =
  | { readonly kind: 'managed'; readonly clientId: string | null }
  | {
      readonly kind: 'secret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly secret: Secret;
    }
  | {
      readonly kind: 'certificate';
      readonly tenantId: string;
      readonly clientId: string;
      readonly file: string;
    };

/** A key as a key vault wrapped it. */
export interface WrappedKey {
  /** Id of the vault's key, with its version. */
  readonly by: string;
  readonly algorithm: WrapAlgorithm;
  /** base64url. */
  readonly wrapped: string;
}

/** By an RSA key, or by a symmetric key of a managed HSM. */
type WrapAlgorithm = 'RSA-OAEP-256' | 'A256KW';

/** The vault did not do it. Tells its status and code, and nothing that was sent. */
export class KeyVaultError extends Error {
  override readonly name = 'KeyVaultError';

  /** `mayHeal`: by itself, as a network, a throttle or a vault's own failure does; nothing else does without a person. */
  constructor(
    message: string,
    readonly mayHeal: boolean,
  ) {
    super(message);
  }
}

/** A call to the vault, sign-in included, takes a second or two, or is not answered. */
const CALL_MS = 10_000;
const KEY_PATH = /^\/keys\/[A-Za-z0-9-]{1,127}$/;

/** A key of Azure Key Vault (or a managed HSM) that wraps ours and never leaves it. No call is repeated here. */
export class KeyVault {
  readonly #keyUrl: URL;
  readonly #agent: Agent;
  readonly #credential: TokenCredential;
  readonly #callMs: number;

  constructor({ keyUrl, authority, caFile, credential, lookup }: KeyVaultConfig, callMs: number = CALL_MS) {
    this.#keyUrl = keyUrlOf(keyUrl);
    this.#callMs = callMs;
    const ca = caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') };
    // Of our own, because the pipeline would else follow HTTPS_PROXY, as nothing else of Curfew does.
    this.#agent = new Agent({ keepAlive: false, ...ca, ...(lookup === undefined ? {} : { lookup }) });
    this.#credential = credentialOf(credential, { ...this.#options, authorityHost: authority });
  }

  /** By the current version of the key. Throws `KeyVaultError`. */
  wrap(text: string): Promise<WrappedKey> {
    return this.#answered(async (abortSignal) => {
      const client = new KeyClient(this.#keyUrl.origin, this.#credential, this.#options);
      const { id, keyType } = await client.getKey(this.#keyUrl.pathname.slice('/keys/'.length), {
        abortSignal,
      });
      if (id === undefined)
        throw new KeyVaultError('The key vault did not say which version of the key it has.', true);
      const algorithm: WrapAlgorithm = keyType?.startsWith('oct') === true ? 'A256KW' : 'RSA-OAEP-256';
      const { result } = await this.#keyBy(id).wrapKey(algorithm, bytesOf(text), { abortSignal });
      return { by: id, algorithm, wrapped: Buffer.from(result).toString('base64url') };
    });
  }

  /** Throws `KeyVaultError`; of what another key wrapped, without asking anybody. */
  async unwrap({ by, algorithm, wrapped }: WrappedKey): Promise<string> {
    this.#requireOurs(by);
    return this.#answered(async (abortSignal) => {
      const { result } = await this.#keyBy(by).unwrapKey(algorithm, bytesOf(wrapped), { abortSignal });
      return keyText(Buffer.from(result).toString('base64url'), 'What the key vault unwrapped');
    });
  }

  get #options() {
    return {
      agent: this.#agent,
      disableInstanceDiscovery: true,
      // Waiting is for whoever asks: no second try, no sleep on a Retry-After, no redirect.
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    };
  }

  #keyBy(id: string): CryptographyClient {
    return new CryptographyClient(id, this.#credential, this.#options);
  }

  /** A ring may have been bent: our token goes to the configured vault, and only its key is asked. */
  #requireOurs(by: string): void {
    const url = URL.canParse(by) ? new URL(by) : null;
    const { origin, pathname } = this.#keyUrl;
    if (url?.origin !== origin || !url.pathname.startsWith(`${pathname}/`))
      throw new KeyVaultError('The keys are wrapped by another key than CURFEW_KEY_VAULT_KEY names.', false);
  }

  async #answered<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        deadline.abort();
        reject(new KeyVaultError(`The key vault did not answer in ${this.#callMs} ms.`, true));
      }, this.#callMs);
    });
    try {
      // The library waits for more than its requests.
      return await Promise.race([call(deadline.signal), late]);
    } catch (error) {
      throw error instanceof KeyVaultError || error instanceof KeyRingError ? error : vaultError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const keyUrlOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || !KEY_PATH.test(url.pathname) || url.search !== '' || url.username !== '')
    throw new KeyRingError('CURFEW_KEY_VAULT_KEY is not https://<vault>/keys/<name>.');
  return url;
};

type CredentialOptions = NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>;

const credentialOf = (credential: KeyVaultCredential, options: CredentialOptions): TokenCredential => {
  switch (credential.kind) {
    case 'managed':
      return credential.clientId === null
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId: credential.clientId });
    case 'secret': {
      const { tenantId, clientId, secret } = credential;
      return new ClientSecretCredential(tenantId, clientId, secret.expose(), options);
    }
    case 'certificate': {
      const { tenantId, clientId, file } = credential;
      return new ClientCertificateCredential(tenantId, clientId, { certificatePath: file }, options);
    }
  }
};

/** What a person can do about it. */
const remedies: Readonly<Record<number, string>> = {
  400: 'it refused the request: the wrapped keys may be bent',
  401: 'it does not take our sign-in: check tenant, client id and credential',
  403: 'it forbids this: our identity needs get, wrapKey and unwrapKey on the key, and the key must be enabled',
  404: 'it knows no such key or version: restore it there',
  429: 'it asks for patience',
};

const vaultError = (error: unknown): KeyVaultError => {
  const { statusCode, code, name, message } = error as {
    readonly statusCode?: number;
    readonly code?: string;
    readonly name?: string;
    readonly message?: string;
  };
  if (statusCode === undefined) return signInError(code ?? name ?? 'unknown', message ?? '');
  const remedy = remedies[statusCode] ?? 'it can not just now';
  return new KeyVaultError(
    `The key vault answered ${statusCode} (${code ?? 'no code'}): ${remedy}.`,
    statusCode === 408 || statusCode === 429 || statusCode >= 500,
  );
};

/** No answer of the vault: its network, or the sign-in before it, whose library tells of refusals in words alone. */
const signInError = (code: string, message: string): KeyVaultError => {
  const isRefused = /^(invalid|unauthorized)_\w+/.test(message);
  const [said = code] = /AADSTS\d+/.exec(message) ?? [];
  return isRefused
    ? new KeyVaultError(`The sign-in to the key vault is refused (${said}): check its credential.`, false)
    : new KeyVaultError(`The key vault, or the sign-in to it, can't be had (${code}).`, true);
};

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64url');
