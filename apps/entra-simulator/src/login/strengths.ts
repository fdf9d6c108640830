import type { MethodKind } from '../control/contract.js';

/** A combination of `authenticationMethodModes` that a sign-in showed. */
export interface Proof {
  readonly modes: string;
  readonly isMfa: boolean;
}

export interface Strength {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly requirementsSatisfied: 'mfa';
  readonly allowedCombinations: readonly string[];
}

const phishingResistant = ['windowsHelloForBusiness', 'fido2', 'x509CertificateMultiFactor'];
const passwordless = [...phishingResistant, 'deviceBasedPush'];
const multiFactor = [
  ...passwordless,
  'temporaryAccessPassOneTime',
  'temporaryAccessPassMultiUse',
  'password,microsoftAuthenticatorPush',
  'password,softwareOath',
  'password,hardwareOath',
  'password,sms',
  'password,voice',
  'federatedMultiFactor',
  'microsoftAuthenticatorPush,federatedSingleFactor',
  'softwareOath,federatedSingleFactor',
  'hardwareOath,federatedSingleFactor',
  'sms,federatedSingleFactor',
  'voice,federatedSingleFactor',
];

const builtIn = (number: number, displayName: string, allowedCombinations: readonly string[]): Strength => ({
  id: `00000000-0000-0000-0000-00000000000${number}`,
  displayName,
  description: `Combinations of methods that satisfy ${displayName}`,
  requirementsSatisfied: 'mfa',
  allowedCombinations,
});

/** The strengths that every tenant has: a pass satisfies the first one only. */
export const builtInStrengths: readonly Strength[] = [
  builtIn(2, 'Multifactor authentication', multiFactor),
  builtIn(3, 'Passwordless MFA', passwordless),
  builtIn(4, 'Phishing-resistant MFA', phishingResistant),
];

const secondFactor: Record<MethodKind, string> = {
  fido2: 'fido2',
  microsoftAuthenticator: 'password,microsoftAuthenticatorPush',
  softwareOath: 'password,softwareOath',
  phone: 'password,sms',
};

export const proofByPass = (isUsableOnce: boolean): Proof => ({
  modes: isUsableOnce ? 'temporaryAccessPassOneTime' : 'temporaryAccessPassMultiUse',
  isMfa: true,
});

export const proofByPassword = (method: MethodKind | undefined): Proof =>
  method === undefined ? { modes: 'password', isMfa: false } : { modes: secondFactor[method], isMfa: true };

/** The methods that sign in without a password; the others are second factors only. */
export function passwordlessProof(method: MethodKind): Proof | undefined {
  if (method === 'fido2') return { modes: 'fido2', isMfa: true };
  return method === 'microsoftAuthenticator' ? { modes: 'deviceBasedPush', isMfa: true } : undefined;
}

/** Best first: what a person with several methods is asked for. */
export const strongestFirst: readonly MethodKind[] = [
  'fido2',
  'microsoftAuthenticator',
  'softwareOath',
  'phone',
];
