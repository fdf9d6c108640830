import {
  constants,
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, LookupFunction, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { Secret } from '#core/shared';
import type { KeyVaultConfig } from '../key-vault.js';

const VAULT = 'curfew-test.vault.azure.net';
const SIGN_IN = 'login.microsoftonline.com';
const TENANT = '6b1e2f0a-2f5d-4c57-9b1a-7a4f2f4f0c11';
const CLIENT = '0c7a3b1e-8b8f-4b7e-9a3d-1f2e3d4c5b6a';
const CLIENT_SECRET = 'canary-client-secret';

interface KeyVersion {
  readonly kind: 'RSA' | 'oct-HSM';
  readonly rsa: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly oct: Buffer;
  isEnabled: boolean;
}

const API_VERSION = /^(7\.\d|20\d\d-\d\d-\d\d)/;

/** What it answers instead of what was asked for. */
type Trouble = 'none' | 'silent' | 'gone' | { readonly status: number; readonly code: string };

/**
 * Azure Key Vault as far as a key that wraps others goes, and the sign-in before it, over HTTPS with an authority of its own. It
 * refuses what Key Vault refuses: a call without api-version, without or with another's token, of an unknown key or version, with a
 * disabled key, with another algorithm than the key's.
 */
export class VaultServer {
  /** Every request to the vault itself: method and path. */
  readonly seen: string[] = [];
  trouble: Trouble = 'none';
  /** What our identity may do. */
  readonly allowed = new Set(['get', 'wrapkey', 'unwrapkey']);
  readonly #versions = new Map<string, KeyVersion>();
  readonly #tokens = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'curfew-vault-'));
  #current = '';

  private constructor(private readonly server: Server) {
    this.rotate();
  }

  static async start(): Promise<VaultServer> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: VAULT }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [VAULT, SIGN_IN].map((value) => ({ type: 2 as const, value })) },
      ],
    });
    const started = new VaultServer(createServer({ key, cert }));
    started.server.on('connection', (socket: Socket) => {
      started.#sockets.add(socket);
      socket.on('close', () => started.#sockets.delete(socket));
    });
    started.server.on('request', (request, response) => {
      started.#serve(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => started.server.listen(0, '127.0.0.1', resolve));
    writeFileSync(started.#caFile, cert);
    return started;
  }

  get config(): KeyVaultConfig {
    return {
      keyUrl: `https://${VAULT}:${this.#port}/keys/curfew`,
      authority: `https://${SIGN_IN}:${this.#port}`,
      caFile: this.#caFile,
      credential: { kind: 'secret', tenantId: TENANT, clientId: CLIENT, secret: new Secret(CLIENT_SECRET) },
      lookup: HERE,
    };
  }

  /** A new version of the key; those before stay. */
  rotate(kind: KeyVersion['kind'] = 'RSA'): void {
    this.#current = randomBytes(16).toString('hex');
    this.#versions.set(this.#current, {
      kind,
      rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
      oct: randomBytes(32),
      isEnabled: true,
    });
  }

  disable(): void {
    for (const version of this.#versions.values()) version.isEnabled = false;
  }

  enable(): void {
    for (const version of this.#versions.values()) version.isEnabled = true;
  }

  /** As if all versions but the current one had been purged. */
  purgeOld(): void {
    for (const name of this.#versions.keys()) if (name !== this.#current) this.#versions.delete(name);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }

  get #port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get #caFile(): string {
    return join(this.#folder, 'ca.pem');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', `https://${request.headers.host ?? ''}`);
    const body = await textOf(request);
    if (url.hostname === SIGN_IN) return this.#signIn(url, body, response);
    this.seen.push(`${request.method ?? ''} ${url.pathname}`);
    if (this.#isInTrouble(request, response)) return;
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (!this.#tokens.has(token)) return this.#challenge(response);
    return this.#answer(url, body, response);
  }

  #isInTrouble(request: IncomingMessage, response: ServerResponse): boolean {
    const { trouble } = this;
    if (trouble === 'none') return false;
    if (trouble === 'gone') request.socket.destroy();
    else if (trouble !== 'silent') refuse(response, trouble.status, trouble.code);
    return true;
  }

  #signIn(url: URL, body: string, response: ServerResponse): void {
    const here = `https://${SIGN_IN}:${this.#port}/${TENANT}`;
    if (url.pathname.endsWith('/.well-known/openid-configuration'))
      return json(response, 200, {
        issuer: `${here}/v2.0`,
        authorization_endpoint: `${here}/oauth2/v2.0/authorize`,
        token_endpoint: `${here}/oauth2/v2.0/token`,
        jwks_uri: `${here}/keys`,
      });
    const form = new URLSearchParams(body);
    const isOurs = form.get('client_secret') === CLIENT_SECRET && form.get('client_id') === CLIENT;
    if (!isOurs || form.get('scope')?.includes('https://vault.azure.net/.default') !== true)
      return json(response, 401, {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
        error_codes: [7_000_215],
      });
    const token = `canary-token-${randomBytes(8).toString('hex')}`;
    this.#tokens.add(token);
    return json(response, 200, { token_type: 'Bearer', expires_in: 3_600, access_token: token });
  }

  #challenge(response: ServerResponse): void {
    response.setHeader(
      'WWW-Authenticate',
      `Bearer authorization="https://${SIGN_IN}:${this.#port}/${TENANT}", resource="https://vault.azure.net"`,
    );
    refuse(response, 401, 'Unauthorized');
  }

  #answer(url: URL, body: string, response: ServerResponse): void {
    if (!API_VERSION.test(url.searchParams.get('api-version') ?? ''))
      return refuse(response, 400, 'BadParameter');
    const asked = /^\/keys\/curfew(?:\/(\w*))?(?:\/(\w+))?$/.exec(url.pathname);
    if (asked === null) return refuse(response, 404, 'KeyNotFound');
    const [, id = '', action = 'get'] = asked;
    if (!this.allowed.has(action)) return refuse(response, 403, 'Forbidden');
    return this.#carryOut({ id: id || this.#current, action }, body, response);
  }

  #carryOut(
    { id, action }: { readonly id: string; readonly action: string },
    body: string,
    response: ServerResponse,
  ): void {
    const version = this.#versions.get(id);
    if (version === undefined) return refuse(response, 404, 'KeyNotFound');
    const kid = `https://${VAULT}:${this.#port}/keys/curfew/${id}`;
    if (action === 'get') return json(response, 200, bundleOf(version, kid));
    if (!version.isEnabled) return refuse(response, 403, 'Forbidden');
    const value = carriedOut(version, action, body);
    return value === null ? refuse(response, 400, 'BadParameter') : json(response, 200, { kid, value });
  }
}

/** Null: not with this key. */
const carriedOut = (version: KeyVersion, action: string, body: string): string | null => {
  const { alg, value } = JSON.parse(body) as { readonly alg: string; readonly value: string };
  if (alg !== (version.kind === 'RSA' ? 'RSA-OAEP-256' : 'A256KW')) return null;
  const work = action === 'wrapkey' ? wrap : unwrap;
  try {
    return work(version, Buffer.from(value, 'base64url')).toString('base64url');
  } catch {
    return null;
  }
};

/** The names are Microsoft's, and none of them is asked for: whatever is called is this machine. */
const HERE: LookupFunction = (_, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

const RSA = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
/** RFC 3394. */
const KW_IV = Buffer.alloc(8, 0xa6);

const wrap = ({ kind, rsa, oct }: KeyVersion, bytes: Buffer): Buffer => {
  if (kind === 'RSA') return publicEncrypt({ key: rsa.publicKey, ...RSA }, bytes);
  const cipher = createCipheriv('id-aes256-wrap', oct, KW_IV);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
};

const unwrap = ({ kind, rsa, oct }: KeyVersion, bytes: Buffer): Buffer => {
  if (kind === 'RSA') return privateDecrypt({ key: rsa.privateKey, ...RSA }, bytes);
  const decipher = createDecipheriv('id-aes256-wrap', oct, KW_IV);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
};

const bundleOf = ({ kind, rsa, isEnabled }: KeyVersion, kid: string): object => {
  const { n, e } = rsa.publicKey.export({ format: 'jwk' });
  const key_ops = ['wrapKey', 'unwrapKey'];
  return {
    key: kind === 'RSA' ? { kid, kty: 'RSA', key_ops, n, e } : { kid, kty: 'oct-HSM', key_ops },
    attributes: { enabled: isEnabled, created: 1_767_225_600, updated: 1_767_225_600 },
  };
};

const json = (response: ServerResponse, status: number, content: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
};

const refuse = (response: ServerResponse, status: number, code: string): void =>
  json(response, status, { error: { code, message: `${code}: canary-text-of-the-vault` } });

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
};
