export {
  ConnectByOrganizationApp,
  type ConnectByOrganizationAppCommand,
} from './connect-by-organization-app.js';
export { consentingErrors } from './consenting.errors.js';
export { RemoveOrganizationApp, SetOrganizationApp } from './organization-app.js';
