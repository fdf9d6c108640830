/** Work that is never done twice at once and never ends whoever starts it: a failure is told, and the next try comes. */
export class OneAtATime {
  #running: Promise<void> | null = null;

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Starts the work, or answers at once while it is still being done. */
  async run(work: () => Promise<void>): Promise<void> {
    if (this.#running !== null) return;
    this.#running = this.#guarded(work);
    await this.#running;
    this.#running = null;
  }

  /** Until nothing is being done. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failed(error);
    }
  }
}
