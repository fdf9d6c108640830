export { AccessModule } from './access.module.js';
export { openAdapters, type AdapterConfig, type Adapters } from './adapters.js';
export { ConvergenceModule } from './convergence.module.js';
export { GrantsModule } from './grants.module.js';
export { IdentityModule } from './identity.module.js';
export { nestLogger } from './nest-logger.js';
export { LOGGER, PORTS, type Ports } from './ports.js';
export { PortsModule } from './ports.module.js';
export { TenancyModule } from './tenancy.module.js';
