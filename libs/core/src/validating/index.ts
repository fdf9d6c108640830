export {
  healthOf,
  type CustomerHealth,
  type HealthCause,
  type HealthReason,
  type HealthStatus,
} from './customer-health.js';
export { ValidateCustomer } from './validate-customer.js';
