export { ConfirmConsent, WithdrawConsent } from './confirm-consent.js';
export {
  ConnectByOrganizationApp,
  type ConnectByOrganizationAppCommand,
} from './connect-by-organization-app.js';
export { consentingErrors } from './consenting.errors.js';
export { MakeConsentLink, type MakeConsentLinkCommand } from './make-consent-link.js';
export { RemoveOrganizationApp, SetOrganizationApp } from './organization-app.js';
export { ProveConsent } from './prove-consent.js';
export { TellConsent, type TellConsentCommand, type ToldConsent } from './tell-consent.js';
