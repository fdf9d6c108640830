export { ConvergeCustomer } from './converge-customer.js';
export { Converge, type Converged } from './converge.js';
export { type ConvergencePorts, type ConvergenceStores } from './ports.js';
export { type PassOrder } from './plan-convergence.js';
export { type PlannedStep } from './planned-step.js';
export { RevealCredentials, type RevealCommand, type RevealedCredentials } from './reveal-credentials.js';
export { MirrorOfEnds } from './mirror-of-ends.js';
export { RevokeOverdue, type RevokeFailed } from './revoke-overdue.js';
export { Sweep } from './sweep.js';
