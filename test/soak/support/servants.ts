import type { TestStack } from '../../support/stack.js';

export type Servant = 'api' | 'worker' | 'revoker';
const SERVANTS: readonly Servant[] = ['api', 'worker', 'revoker'];

/** Curfew's processes under a supervisor, who starts again what ended by itself, and leaves what the nemesis killed. */
export class Servants {
  /** Which ended by themselves. */
  readonly ended: Servant[] = [];
  readonly #held = new Set<Servant>();
  #isWatching = false;

  constructor(private readonly stack: TestStack) {}

  async kill(name: Servant): Promise<void> {
    this.#held.add(name);
    await this.stack.kill(name);
  }

  async freeze(name: Servant): Promise<void> {
    this.#held.add(name);
    await this.stack.pause(name);
  }

  async thaw(name: Servant): Promise<void> {
    await this.stack.resume(name);
    this.#held.delete(name);
  }

  /** Throws when it does not start, as without its database; then it is still to be started. */
  async start(name: Servant): Promise<void> {
    this.#held.add(name);
    if (!(await this.stack.isRunning(name))) await this.stack.start(name);
    this.#held.delete(name);
  }

  /** One look of the supervisor. */
  async watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      for (const name of SERVANTS) await this.#revive(name);
    } finally {
      this.#isWatching = false;
    }
  }

  async #revive(name: Servant): Promise<void> {
    if (this.#held.has(name) || (await this.stack.isRunning(name)) || this.#held.has(name)) return;
    this.ended.push(name);
    // What does not start is started at the next look.
    await this.start(name).catch(() => this.#held.delete(name));
  }
}
