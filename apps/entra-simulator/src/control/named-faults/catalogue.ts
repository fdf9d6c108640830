import type { NamedFault } from '../contract.js';
import { answerFaults } from './answer-faults.js';
import { directoryFaults } from './directory-faults.js';
import { signInFaults } from './sign-in-faults.js';

/** Every fault that has a name. */
export const namedFaults: readonly NamedFault[] = [...signInFaults, ...directoryFaults, ...answerFaults];
