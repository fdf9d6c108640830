export { AcceptRestored, type AcceptRestoredCommand } from './accept-restored.js';
export type { MarkFile } from './mark-file.js';
export { RestoreGuard, type GuardLook, type RestoreGuardPorts } from './restore-guard.js';
export { judgeMark, type KeptMark, type MarkVerdict, type RestoreMark } from './restore-mark.js';
