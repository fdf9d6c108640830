import { randomUUID } from 'node:crypto';
import type { Destination } from './conditional-access.js';

/** Where a sign-in goes, and as what the log shows it. */
export interface SignInTarget extends Destination {
  readonly appDisplayName: string;
  readonly resourceDisplayName: string;
  readonly correlationId: string;
  /** Microsoft's mandatory MFA covers it. */
  readonly isAdminSurface: boolean;
  /** Nobody is there to answer an interrupt: what a person could satisfy is a refusal. */
  readonly isUnattended: boolean;
  readonly wantsRefreshToken: boolean;
}

/** Microsoft's own apps, which every tenant has and nobody needs to consent to. */
const azurePortal = { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' };
const mySignIns = { id: '19db86c3-b2b9-44cc-b339-36da233a3be2', name: 'My Signins' };
const publicClients: readonly { id: string; name: string }[] = [
  { id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', name: 'Microsoft Azure CLI' },
  { id: '1950a258-227b-4e31-a9cf-717495945fc2', name: 'Microsoft Azure PowerShell' },
  { id: '14d82eec-204b-4c2f-b7e8-296a70dab67e', name: 'Microsoft Graph Command Line Tools' },
];

export const publicClientOf = (clientId: string): { id: string; name: string } | undefined =>
  publicClients.find(({ id }) => id === clientId.toLowerCase());

const inBrowser = (app: { id: string; name: string }, resourceDisplayName: string) => ({
  appId: app.id,
  appDisplayName: app.name,
  resourceDisplayName,
  clientAppType: 'browser' as const,
  correlationId: randomUUID(),
  isUnattended: false,
  wantsRefreshToken: false,
});

export const portalTarget = (): SignInTarget => ({
  ...inBrowser(azurePortal, 'Windows Azure Service Management API'),
  kind: 'portal',
  isAdminSurface: true,
});

export const securityInfoTarget = (): SignInTarget => ({
  ...inBrowser(mySignIns, 'Windows Azure Active Directory'),
  kind: 'securityInfo',
  isAdminSurface: false,
});

/** An app's consent page: no admin portal, so Microsoft's mandatory MFA leaves it alone. */
export const consentTarget = (app: { id: string; name: string }): SignInTarget => ({
  ...inBrowser(app, 'Microsoft Graph'),
  kind: 'resource',
  isAdminSurface: false,
});
