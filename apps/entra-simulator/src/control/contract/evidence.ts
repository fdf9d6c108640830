import type { JsonObject } from './json.js';

export type HistoryEvent =
  | 'user.created'
  | 'user.enabled'
  | 'user.disabled'
  | 'user.updated'
  | 'user.deleted'
  | 'user.restored'
  | 'user.purged'
  | 'role.assigned'
  | 'role.removed'
  | 'group.joined'
  | 'group.left'
  | 'pass.minted'
  | 'pass.deleted'
  | 'pass.used'
  | 'method.added'
  | 'method.deleted'
  | 'password.set'
  | 'sessions.revoked';

export interface HistoryEntry {
  seq: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  tenantId: string;
  objectId: string;
  userPrincipalName: string | null;
  what: HistoryEvent;
  by: { appId: string } | 'portal';
  requestId: string;
  details: JsonObject;
}

export interface PartEntry {
  id: string;
  method: string;
  url: string;
  status: number;
}
export interface RequestEntry {
  seq: number;
  at: string;
  tenantId: string | null;
  appId: string | null;
  method: string;
  path: string;
  /** 0: the connection was cut before an answer. */
  status: number;
  kind: 'token' | 'graph' | 'batch' | 'discovery';
  parts?: PartEntry[];
  /** Latency that the settings charged to this request. */
  chargedMs: number;
  cpuMs: number;
  throttled?: boolean;
  violations: string[];
}

export interface Violation {
  at: string;
  method: string;
  path: string;
  requestId: string;
  problems: string[];
}
export interface Violations {
  /** Callers' requests that break Microsoft's contract. */
  requests: Violation[];
  /** The simulator's own answers that do. */
  own: Violation[];
}

export type ValidationMode = 'all' | 'off' | { sampled: number };

export interface Settings {
  latency?: { medianMs: number; p99Ms: number };
  seed?: number;
  validation?: ValidationMode;
}

export interface HistoryQuery {
  tenantId?: string;
  userId?: string;
  /** Only entries after this sequence number. */
  since?: number;
}
