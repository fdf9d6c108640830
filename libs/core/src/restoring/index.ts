export { AcceptRestored, type AcceptRestoredCommand } from './accept-restored.js';
export type { MarkFile } from './mark-file.js';
export { RestoreGuard, type GuardLook, type RestoreGuardPorts } from './restore-guard.js';
export type { KeptMark, MarkVerdict, RestoreMark } from './restore-mark.js';
