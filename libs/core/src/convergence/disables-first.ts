/** Says that a work's first calls are handed over, or that there are none. More than once does no harm. */
export type HandedOver = () => void;

/**
 * The works of one process on their way to their first calls. What takes away less urgently waits until all those that
 * had set out before have handed theirs over: nobody's roles are taken while somebody else is not even disabled. It waits
 * for our own database only, never for anybody's Graph; from there on the directory keeps the order.
 */
export class DisablesFirst {
  #last = 0;
  readonly #underWay = new Set<number>();
  #waiting: readonly { readonly after: number; readonly go: () => void }[] = [];

  setOut(): HandedOver {
    const number = (this.#last += 1);
    this.#underWay.add(number);
    return () => {
      if (this.#underWay.delete(number)) this.#wake();
    };
  }

  /** Until those that have set out by now have handed over; who sets out later is not waited for. */
  async othersGone(): Promise<void> {
    const after = this.#last;
    if (this.#areGone(after)) return;
    await new Promise<void>((go) => {
      this.#waiting = [...this.#waiting, { after, go }];
    });
  }

  #areGone(after: number): boolean {
    // In the order in which they set out.
    const [first] = this.#underWay;
    return first === undefined || first > after;
  }

  #wake(): void {
    const free = this.#waiting.filter(({ after }) => this.#areGone(after));
    if (free.length === 0) return;
    this.#waiting = this.#waiting.filter(({ after }) => !this.#areGone(after));
    for (const { go } of free) go();
  }
}
