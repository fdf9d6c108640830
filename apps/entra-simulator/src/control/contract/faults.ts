import type { Lags } from './tenant.js';

export interface RequestMatch {
  /** `write` is whatever is no GET. */
  method?: string;
  /** On the path without /v1.0 and query: a glob (`*` one segment, `**` any), or a regex when it begins with ^. */
  path?: string;
  /** Default any. */
  part?: 'batch-part' | 'request' | 'any';
  /** A text that the JSON body contains, or a regex when it begins with ^. */
  body?: string;
}

/** `perhaps`: by the rule's seed. */
export type Commit = boolean | 'perhaps';

export type FaultEffect =
  | {
      status: number;
      code?: string;
      message?: string;
      /** The Retry-After header, in seconds. */
      retryAfter?: number;
      /** Default seconds. */
      retryAfterAs?: 'seconds' | 'date';
      /** The request is carried out, then answered like this. */
      commit?: Commit;
    }
  /**
   * The whole answer is no JSON of Graph's: a proxy's page (default 502, not carried out), half of the text, or
   * nothing at all (both carried out).
   */
  | { garble: 'html' | 'truncated' | 'empty'; status?: number; commit?: Commit }
  /** `mid-batch`: half of a batch's parts are carried out, and nothing is answered. */
  | { cut: 'before-commit' | 'after-commit' | 'mid-batch' }
  /** Default before-commit. */
  | { slowMs: number; at?: 'before-commit' | 'after-commit' }
  /**
   * What this request writes reaches every replica only after so long, or some of so many replicas from `fromMs` on;
   * never sooner than the tenant's own lag. `of` names the lags that are meant, all without.
   */
  | { lagMs: number; fromMs?: number; replicas?: number; of?: (keyof Lags)[] }
  /** A write with an empty answer is answered at once and carried out only so much later. */
  | { deferMs: number }
  /** Delivered twice; the second answer counts. */
  | { twice: true }
  /** As if the app had not been given these: a token request issues a token without them. */
  | { withoutPermissions: string[] }
  /** As if the app held no directory role. */
  | { withoutRoles: true };

/** Which requests a rule is for, and how many of them it hits. */
export interface FaultScope {
  id?: string;
  tenantId?: string;
  probability?: number;
  /** Each rule draws by itself; default a number made from the rule's own text. */
  seed?: number;
  /** Ends after so many hits. */
  times?: number;
  /** Lets so many matching requests pass first. */
  after?: number;
  /** ISO 8601, on the simulator's clock. */
  from?: string;
  until?: string;
  /** In place of `until`: so long after `from`, or after now. */
  forMs?: number;
}

export interface FaultRule extends FaultScope {
  match: RequestMatch;
  effect: FaultEffect;
}

/** A fault out of the catalogue; what is said here goes before what is usual for it. */
export interface NamedFaultRule extends FaultScope {
  named: string;
  match?: RequestMatch;
  /** The length of its wait, lag or delay, where it has one. */
  ms?: number;
}

export type FaultState = FaultRule & {
  id: string;
  named?: string;
  /** Requests that fitted while the rule could have hit. */
  matched: number;
  hits: number;
};

/** One entry of the catalogue. */
export interface NamedFault {
  name: string;
  /** One sentence: what the caller sees and what is true afterwards. */
  tells: string;
  scenario: string | null;
  /** Its number among the twenty nasty ones. */
  nasty: string | null;
  /** D a Microsoft document, C the source of a client, I seen by others, ? chosen here. */
  source: 'D' | 'C' | 'I' | '?';
  /** The simulator does so without any rule; this is how to come by it. */
  always?: string;
  /** Null: there is no rule to add, because it is always so. */
  rule: (Pick<FaultScope, 'probability' | 'times' | 'forMs'> & Pick<FaultRule, 'match' | 'effect'>) | null;
}

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
