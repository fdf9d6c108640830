import type { AuthenticationMethod, MethodKind } from '#core/accounts';

/** Graph's type → our kind, and the collection in which one such method is deleted. */
const KINDS: readonly { readonly type: string; readonly kind: MethodKind; readonly collection: string }[] = [
  { type: 'temporaryAccessPass', kind: 'temporaryAccessPass', collection: 'temporaryAccessPassMethods' },
  { type: 'fido2', kind: 'fido2', collection: 'fido2Methods' },
  { type: 'softwareOath', kind: 'softwareOath', collection: 'softwareOathMethods' },
  {
    type: 'microsoftAuthenticator',
    kind: 'microsoftAuthenticator',
    collection: 'microsoftAuthenticatorMethods',
  },
  { type: 'phone', kind: 'phone', collection: 'phoneMethods' },
  {
    type: 'windowsHelloForBusiness',
    kind: 'windowsHelloForBusiness',
    collection: 'windowsHelloForBusinessMethods',
  },
  { type: 'email', kind: 'email', collection: 'emailMethods' },
  { type: 'platformCredential', kind: 'other', collection: 'platformCredentialMethods' },
  { type: 'hardwareOath', kind: 'other', collection: 'hardwareOathMethods' },
  { type: 'external', kind: 'other', collection: 'externalAuthenticationMethods' },
];

const TYPE = /^#microsoft\.graph\.(\w+?)AuthenticationMethod$/;
const PASSWORD = 'password';

/** One listed method, or null for the password, which can't be deleted. `other` kinds carry their collection in the id. */
export const methodOf = (type: string, id: string): AuthenticationMethod | null => {
  const name = TYPE.exec(type)?.[1] ?? type;
  if (name === PASSWORD) return null;
  const known = KINDS.find((candidate) => candidate.type === name);
  if (known === undefined) return { kind: 'other', id };
  return { kind: known.kind, id: known.kind === 'other' ? `${known.collection}/${id}` : id };
};

/** Where to delete it, below `/authentication`; null for a method of which only Microsoft knows the collection. */
export const methodPath = ({ kind, id }: AuthenticationMethod): string | null => {
  const [collection, own] = kind === 'other' ? id.split('/') : [collectionOf(kind), id];
  if (collection === undefined || own === undefined) return null;
  return `${collection}/${encodeURIComponent(own)}`;
};

const collectionOf = (kind: MethodKind): string | undefined =>
  KINDS.find((candidate) => candidate.kind === kind)?.collection;
