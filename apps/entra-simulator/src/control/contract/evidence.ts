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
  | 'schedule.created'
  | 'schedule.changed'
  | 'schedule.started'
  | 'schedule.ended'
  | 'group.joined'
  | 'group.left'
  | 'group.created'
  | 'group.updated'
  | 'group.deleted'
  | 'group.restored'
  | 'group.purged'
  | 'owner.added'
  | 'owner.removed'
  | 'unit.created'
  | 'unit.updated'
  | 'unit.deleted'
  | 'unit.joined'
  | 'unit.left'
  | 'licences.changed'
  | 'consent.given'
  | 'consent.withdrawn'
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
  /** `pim`: Privileged Identity Management by itself, when a time came. */
  by: { appId: string } | 'portal' | 'pim' | 'entra';
  requestId: string;
  /** The client-request-id of the request that wrote it. */
  correlationId?: string;
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
  kind: 'token' | 'graph' | 'batch' | 'discovery' | 'consent';
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
