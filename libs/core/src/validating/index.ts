export { BeginValidationRun } from './begin-validation-run.js';
export { CancelValidationRun } from './cancel-validation-run.js';
export {
  healthOf,
  type CustomerHealth,
  type HealthCause,
  type HealthReason,
  type HealthStatus,
} from './customer-health.js';
export { ValidateClaimed } from './validate-claimed.js';
export { ValidateCustomer, type ValidateCommand } from './validate-customer.js';
export { validatingErrors } from './validating.errors.js';
export { ValidationSweep } from './validation-sweep.js';
export { RunCanary, type TakeBack } from './run-canary.js';
