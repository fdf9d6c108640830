export type { KeyStatus } from './key-status.js';
export { keysErrors } from './keys.errors.js';
export type { ResealPass } from './reseal-values.js';
export type { RingKeeper, RingKey } from './ring-keeper.js';
export { RotateKeys, type RotatePorts, type RotationProgress } from './rotate-keys.js';
