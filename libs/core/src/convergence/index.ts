export { ConvergeCustomer } from './converge-customer.js';
export { Converge, type Converged } from './converge.js';
export { type ConvergencePorts, type ConvergenceStores } from './ports.js';
export { desiredAccount, excessOf, type DesiredAccount } from './desired-account.js';
export { planConvergence, type PassOrder, type PlanInput } from './plan-convergence.js';
export { type PlannedStep } from './planned-step.js';
export { RevealCredentials, type RevealCommand, type RevealedCredentials } from './reveal-credentials.js';
export { Sweep } from './sweep.js';
