import { SECOND, type KeyHolder } from '#core/shared';
import { HOLDER_COUNTS_MS, keyStatus, type KeyStatus, type KeyStatusPorts } from './key-status.js';
import { keysErrors } from './keys.errors.js';
import { ResealValues, type ResealPass, type ResealPorts } from './reseal-values.js';

/** What a rotation works with, and whom it tells how far it is. */
export interface RotatePorts extends ResealPorts, KeyStatusPorts {
  readonly unitOfWork: ResealPorts['unitOfWork'];
  readonly pause: (ms: number) => Promise<unknown>;
  readonly elapsed: () => number;
  readonly tell: (progress: RotationProgress) => void;
}

/** `waiting`: for these processes to take up the changed ring. */
export type RotationProgress =
  | { readonly kind: 'added' | 'goes_on' | 'seals'; readonly id: string }
  | { readonly kind: 'waiting'; readonly instances: readonly string[] }
  | ({ readonly kind: 'resealing' } & ResealPass);

const LOOK_EVERY_MS = SECOND;
/** A dozen of the looks by which each process follows the ring. */
const TAKEN_UP_MS = 60 * SECOND;
/** What somebody holds or changes at the moment is free soon; no transaction of ours lasts this long. */
const MOST_PASSES = 30;
/** What was sealed before every process had changed over is written by then: no transaction lasts so long. */
const SETTLED_MS = 30 * SECOND;

/**
 * Changes the key under which things are sealed, while everything runs: a key is first added so that every process can open with
 * it, then it seals everywhere, then what stands under older ones is sealed anew. Each step may be the last before a kill;
 * begun again, it goes on there. The marker key is not touched.
 */
export class RotateKeys {
  constructor(private readonly ports: RotatePorts) {}

  /** All of it. Throws `keys.held_back`. */
  async rotate(): Promise<ResealPass> {
    const { tell } = this.ports;
    const unfinished = await this.unfinished();
    if (unfinished !== null) tell({ kind: 'goes_on', id: unfinished });
    await this.use(unfinished ?? (await this.add()));
    return this.reseal();
  }

  /** Adds a key that opens and does not seal yet. */
  async add(): Promise<string> {
    const { ring, clock, tell } = this.ports;
    const id = await ring.add(clock.now());
    tell({ kind: 'added', id });
    return id;
  }

  /** Has this key seal, once every process can open with it; and waits until each does. Throws `keys.not_found`, `keys.held_back`. */
  async use(id: string): Promise<void> {
    const { ring, tell } = this.ports;
    const known = await this.known(id);
    if (!known.seals) {
      await this.everyProcess(({ readable }) => readable.includes(id));
      await ring.use(id);
    }
    await this.everyProcess(({ sealing }) => sealing === id);
    tell({ kind: 'seals', id });
  }

  /** Seals anew whatever stands under another key than the one that seals, until nothing is left that could be. */
  async reseal(): Promise<ResealPass> {
    const { ring, tell, pause } = this.ports;
    // So that the one that seals is the one of the ring.
    await ring.keys();
    const resealing = new ResealValues(this.ports);
    let resealed = 0;
    for (let count = 1; ; count += 1) {
      const before = resealed;
      const pass = await resealing.pass((soFar) =>
        tell({ kind: 'resealing', ...soFar, resealed: before + soFar.resealed }),
      );
      resealed += pass.resealed;
      // One that found nothing to do is the proof: what was changed during the pass before is in it.
      const isDone = pass.left === 0 && pass.resealed === 0;
      if (isDone || count === MOST_PASSES) return { ...pass, resealed };
      if (pass.left > 0) await pause(LOOK_EVERY_MS);
    }
  }

  status(): Promise<KeyStatus> {
    return keyStatus(this.ports);
  }

  /** Takes a key out of the ring that nothing needs any more. Throws `keys.not_found`, `keys.sealing`, `keys.in_use`. */
  async retire(id: string): Promise<void> {
    const { ring, pause } = this.ports;
    if ((await this.known(id)).seals) throw keysErrors.refuse('keys.sealing');
    await this.requireUnused(id);
    await pause(SETTLED_MS);
    await this.requireUnused(id);
    await ring.retire(id);
  }

  /** The newest key, when it does not seal yet or something is sealed under another one; null: there is nothing to go on with. */
  private async unfinished(): Promise<string | null> {
    const { keys } = await this.status();
    const newest = keys.at(-1);
    if (newest === undefined) return null;
    const isFinished = newest.seals && keys.every(({ id, values }) => id === newest.id || values === 0);
    return isFinished ? null : newest.id;
  }

  private async known(id: string) {
    const key = (await this.ports.ring.keys()).find((each) => each.id === id);
    if (key === undefined) throw keysErrors.refuse('keys.not_found');
    return key;
  }

  private async requireUnused(id: string): Promise<void> {
    const { keys, holders } = await this.status();
    const isUnused = keys.every((key) => key.id !== id || key.values === 0);
    if (!isUnused || holders.some(({ sealing }) => sealing === id)) throw keysErrors.refuse('keys.in_use');
  }

  private async everyProcess(is: (holder: KeyHolder) => boolean): Promise<void> {
    const { elapsed, pause, tell } = this.ports;
    const endAt = elapsed() + TAKEN_UP_MS;
    for (let told = ''; ;) {
      const instances = (await this.holders())
        .filter((holder) => !is(holder))
        .map(({ instance }) => instance);
      if (instances.length === 0) return;
      if (instances.join() !== told) tell({ kind: 'waiting', instances });
      told = instances.join();
      if (elapsed() >= endAt) throw keysErrors.refuse('keys.held_back', { processes: instances });
      await pause(LOOK_EVERY_MS);
    }
  }

  private holders(): Promise<readonly KeyHolder[]> {
    const { unitOfWork, clock } = this.ports;
    return unitOfWork.clockwork.keyHolders.since(clock.now() - HOLDER_COUNTS_MS);
  }
}
