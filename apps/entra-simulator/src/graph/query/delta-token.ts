import { asObject, isObject, isText } from '../../foundation/json.js';
import type { ChangedKind } from '../../state/changes.js';
import type { GraphError } from '../errors.js';
import { malformed } from '../errors.js';

/** A state token: everything that the initial request said, and how far the caller has come. */
export interface DeltaState {
  /** Of the change feed: a position means nothing in another one. */
  readonly epoch: string;
  readonly kind: ChangedKind;
  /** Changes after this position are still to be told. */
  readonly position: number;
  readonly issuedAt: number;
  readonly select?: string;
  readonly ids?: readonly string[];
  /** In the middle of a round. */
  readonly place?: DeltaPlace;
}

export interface DeltaPlace {
  /** Undefined: the round tells the whole state and not changes. */
  readonly upTo?: number;
  readonly offset: number;
  readonly after?: string;
  /** So many members of the next object are told already. */
  readonly members?: number;
}

/** [D] Token duration of directory objects. */
const deltaTokenLivesMs = 7 * 24 * 60 * 60 * 1000;

export const writeDeltaToken = (state: DeltaState): string =>
  Buffer.from(JSON.stringify(state)).toString('base64url');

/** Undefined: the token was good once, and the caller has to begin anew. */
export function readDeltaToken(
  token: string,
  what: { epoch: string; kind: ChangedKind; now: number },
): DeltaState | undefined {
  const state = contentOf(token);
  if (state.kind !== what.kind) throw invalid();
  return state.epoch !== what.epoch || state.issuedAt + deltaTokenLivesMs < what.now ? undefined : state;
}

function contentOf(token: string): DeltaState {
  const state = asObject(parse(token));
  const { epoch, kind, position, issuedAt, place } = state;
  const isState = isText(epoch) && isText(kind) && Number.isInteger(position) && typeof issuedAt === 'number';
  if (!isState || (place !== undefined && !isObject(place))) throw invalid();
  return state as unknown as DeltaState;
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
}

/** [?] The text of a token that never was one. */
const invalid = (): GraphError => malformed('Badly formed token.');
