import type { AuthenticationMethod, MethodKind } from '#core/accounts';
import { urlPart } from './url-part.js';

interface KnownKind {
  /** Graph's type, and ours. */
  readonly kind: Exclude<MethodKind, 'other'>;
  /** In which one such method is deleted; null: v1.0 has no way. */
  readonly collection: string | null;
  /** Names the permission for this kind alone: `UserAuthMethod-{permission}.ReadWrite.All`. */
  readonly permission: string;
}

/** Source: graph/api/resources/authenticationmethods-overview, and Microsoft's permission data of August 2026. */
const KINDS: readonly KnownKind[] = [
  { kind: 'temporaryAccessPass', collection: 'temporaryAccessPassMethods', permission: 'TAP' },
  { kind: 'fido2', collection: 'fido2Methods', permission: 'Passkey' },
  { kind: 'softwareOath', collection: 'softwareOathMethods', permission: 'SoftwareOATH' },
  {
    kind: 'microsoftAuthenticator',
    collection: 'microsoftAuthenticatorMethods',
    permission: 'MicrosoftAuthApp',
  },
  { kind: 'phone', collection: 'phoneMethods', permission: 'Phone' },
  {
    kind: 'windowsHelloForBusiness',
    collection: 'windowsHelloForBusinessMethods',
    permission: 'WindowsHello',
  },
  { kind: 'email', collection: 'emailMethods', permission: 'Email' },
  { kind: 'platformCredential', collection: 'platformCredentialMethods', permission: 'PlatformCred' },
  { kind: 'external', collection: 'externalAuthenticationMethods', permission: 'External' },
  { kind: 'qrCodePin', collection: 'qrCodePinMethod', permission: 'QR' },
  { kind: 'hardwareOath', collection: null, permission: 'HardwareOATH' },
];

/** There is one per user, addressed without an id. */
const SINGLE = 'qrCodePin';
const TYPE = /^#microsoft\.graph\.(\w+?)AuthenticationMethod$/i;
const PASSWORD = 'password';

const known = (name: string): KnownKind | undefined =>
  KINDS.find(({ kind }) => kind.toLowerCase() === name.toLowerCase());

/** One listed method, or null for the password, which can't be deleted. One of an unknown kind stays visible. */
export const methodOf = (type: string, id: string): AuthenticationMethod | null => {
  const name = TYPE.exec(type)?.[1] ?? type;
  return name.toLowerCase() === PASSWORD ? null : { kind: known(name)?.kind ?? 'other', id };
};

/** Where to delete it, below `/authentication`; null for a method that only Microsoft, or only the beta, can delete. */
export const methodPath = ({ kind, id }: AuthenticationMethod): string | null => {
  const collection = known(kind)?.collection ?? null;
  if (collection === null || kind === SINGLE) return collection;
  return `${collection}/${urlPart(id)}`;
};

/** The permission that is good for removing this kind and no other; null where there is none. */
export const removalPermission = (kind: MethodKind): string | null => {
  const own = known(kind)?.permission;
  return own === undefined ? null : `UserAuthMethod-${own}.ReadWrite.All`;
};
