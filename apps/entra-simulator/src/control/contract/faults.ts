export interface RequestMatch {
  method?: string;
  /** On the path without /v1.0 and query: a glob (`*` one segment, `**` any), or a regex when it begins with ^. */
  path?: string;
  /** Default any. */
  part?: 'batch-part' | 'request' | 'any';
}

export type FaultEffect =
  | {
      status: number;
      code?: string;
      message?: string;
      /** The Retry-After header, in seconds. */
      retryAfter?: number;
      /** The request is carried out, then answered like this. */
      commit?: boolean;
    }
  | { cut: 'before-commit' | 'after-commit' }
  /** Default before-commit. */
  | { slowMs: number; at?: 'before-commit' | 'after-commit' }
  /** What this request writes reaches every replica only after so long. */
  | { lagMs: number };

export interface FaultRule {
  id?: string;
  tenantId?: string;
  match: RequestMatch;
  probability?: number;
  seed?: number;
  /** Ends after so many hits. */
  times?: number;
  /** Lets so many matching requests pass first. */
  after?: number;
  effect: FaultEffect;
}
export type FaultState = FaultRule & { id: string; matched: number; hits: number };

export interface HookSpec {
  tenantId?: string;
  match: RequestMatch;
  at: 'before-commit' | 'after-commit';
  hold: true;
}
export interface HeldRequest {
  requestId: string;
  tenantId: string | null;
  method: string;
  path: string;
  partId: string | null;
}
