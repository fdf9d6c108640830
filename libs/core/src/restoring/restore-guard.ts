import type { Clock, Clockwork, DeploymentState, Instant } from '#core/shared';
import type { MarkFile } from './mark-file.js';
import { judgeMark, type KeptMark } from './restore-mark.js';

export interface RestoreGuardPorts {
  readonly unitOfWork: { readonly clockwork: Pick<Clockwork, 'deployment'> };
  readonly clock: Clock;
  readonly marks: MarkFile;
}

/** What one look of the guard came to. */
export interface GuardLook {
  /** A mark is kept, so that an older database would be known as one. */
  readonly guarded: boolean;
  /** Since when nothing is given, after this look. */
  readonly restoringSince: Instant | null;
  /** A restoration came to its end in this look. */
  readonly finished: boolean;
}

/**
 * Finds out that the database was restored from a backup, by a mark that is kept outside of it. From then on nothing is
 * given, until every customer's tenant was compared with the rows from the beginning.
 */
export class RestoreGuard {
  constructor(private readonly ports: RestoreGuardPorts) {}

  /** To be called before anything is given, and every few seconds. */
  async look(): Promise<GuardLook> {
    const { marks, unitOfWork } = this.ports;
    const { deployment } = unitOfWork.clockwork;
    // The file first: marks only grow meanwhile, so that a younger one is never held against an older reading.
    const kept = await marks.read();
    const state = await deployment.read();
    const verdict = judgeMark(state, kept);
    if (verdict === 'restored') return this.restored(state, kept);
    if (state.restoringSince !== null) return this.goOn(state.restoringSince, verdict !== 'unguarded');
    const guarded = verdict === 'goes_on' && (isSame(state, kept) || (await marks.write(markOf(state))));
    return { guarded, restoringSince: null, finished: false };
  }

  private async restored(state: DeploymentState, kept: KeptMark): Promise<GuardLook> {
    const { clock, marks, unitOfWork } = this.ports;
    const { deployment } = unitOfWork.clockwork;
    const seen = typeof kept === 'string' ? null : { mark: kept.mark, generation: kept.generation };
    await deployment.begin({ at: clock.now(), found: markOf(state), seen });
    // The row remembers it from here on; without a mark each look would take it for a new one.
    const guarded = seen !== null || (await marks.write(markOf(state)));
    const { restoringSince } = await deployment.read();
    return restoringSince === null
      ? { guarded, restoringSince, finished: false }
      : this.goOn(restoringSince, guarded);
  }

  private async goOn(since: Instant, guarded: boolean): Promise<GuardLook> {
    const { clock, unitOfWork } = this.ports;
    const finished = await unitOfWork.clockwork.deployment.finish(since, clock.now());
    return { guarded, finished, restoringSince: finished ? null : since };
  }
}

const markOf = ({ mark, generation }: DeploymentState) => ({ mark, generation });

const isSame = (state: DeploymentState, kept: KeptMark): boolean =>
  typeof kept !== 'string' && kept.mark === state.mark && kept.generation === state.generation;
