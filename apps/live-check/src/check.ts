import type { GraphProbe, ProbeAnswer, ProbeRequest } from '#directory';

/** Where an assumption is known from; only a real tenant turns the last three into facts. */
export type Evidence = 'documented' | 'read in a client' | 'seen by others' | 'our choice';

/** What a check found out. `observed` is for a report that leaves the house: the report takes names and ids out. */
export type Finding =
  | { readonly result: 'held' | 'differs'; readonly observed: string }
  | { readonly result: 'not checked'; readonly why: string };

/** One thing that Curfew, or its simulator, takes for granted about Graph. */
export interface Check<S extends Scene = Scene> {
  /** Stable, for comparing reports: `users.default-properties`. */
  readonly id: string;
  /** The assumption as a sentence. */
  readonly assumes: string;
  readonly evidence: Evidence;
  /** Of docs/simulator.md. */
  readonly scenarios: readonly string[];
  run(scene: S): Promise<Finding>;
}

/** The machine's clock, and how to let time pass. */
export interface Time {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** A tenant as a check sees it. */
export class Scene {
  readonly #probe: GraphProbe;
  readonly #time: Time;

  constructor(probe: GraphProbe, time: Time) {
    this.#probe = probe;
    this.#time = time;
  }

  /** Milliseconds since 1970 by this machine. */
  now(): number {
    return this.#time.now();
  }

  get probe(): GraphProbe {
    return this.#probe;
  }

  /** One request, which is given ten seconds. Status 0: no answer. */
  ask(request: ProbeRequest): Promise<ProbeAnswer> {
    return this.#probe.ask(request, ANSWER_WITHIN_MS);
  }

  /** Reads a path. */
  read(path: string, headers: Readonly<Record<string, string>> = {}): Promise<ProbeAnswer> {
    return this.ask({ method: 'GET', path, headers });
  }

  /** Asks until the object is seen: a fresh one is 404 for a while, now here, now there. */
  async past404(request: ProbeRequest): Promise<ProbeAnswer> {
    return (await this.until(request, ({ status }) => status !== 404)).answer;
  }

  /** Asks again until the answer is as wanted, for so long at the most. Answers what came last and how long it took. */
  async until(
    request: ProbeRequest,
    isWanted: (answer: ProbeAnswer) => boolean,
    { everyMs = 1_000, atMostMs = 120_000 } = {},
  ): Promise<{ readonly answer: ProbeAnswer; readonly tries: number; readonly waitedMs: number }> {
    const began = this.now();
    for (let tries = 1, slept = 0; ; tries += 1, slept += everyMs) {
      const answer = await this.ask(request);
      // What gives no answer takes its time too.
      const waitedMs = Math.max(slept, this.now() - began);
      if (isWanted(answer) || waitedMs >= atMostMs) return { answer, tries, waitedMs };
      await this.#time.wait(everyMs);
    }
  }
}

const ANSWER_WITHIN_MS = 10_000;

export const held = (observed: string): Finding => ({ result: 'held', observed });
export const differs = (observed: string): Finding => ({ result: 'differs', observed });
export const notChecked = (why: string): Finding => ({ result: 'not checked', why });
/** Held when the condition is true. */
export const heldIf = (condition: boolean, observed: string): Finding =>
  condition ? held(observed) : differs(observed);

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The elements of a collection; none when it is no collection. */
export const elementsOf = (answer: ProbeAnswer): readonly Readonly<Record<string, unknown>>[] => {
  const { value } = fieldsOf(answer.body);
  return Array.isArray(value) ? value.map(fieldsOf) : [];
};

/** Graph's error, or what else came. */
export const errorIn = (answer: ProbeAnswer): { readonly code: string; readonly message: string } => {
  const { code, message } = fieldsOf(fieldsOf(answer.body)['error']);
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : (answer.noAnswer ?? ''),
  };
};

/** `403 Authorization_RequestDenied "Insufficient privileges …"` */
export const inShort = (answer: ProbeAnswer): string => {
  const { code, message } = errorIn(answer);
  const told = message === '' ? '' : ` ${JSON.stringify(message.split(/[\r\n]/)[0])}`;
  return `${answer.status === 0 ? 'no answer' : answer.status}${code === '' ? '' : ` ${code}`}${told}`;
};

/** The refusal that is expected: its status, code and words. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly words: RegExp;
}

export const isRefusal = (answer: ProbeAnswer, { status, code, words }: Refusal): boolean => {
  const error = errorIn(answer);
  return answer.status === status && error.code === code && words.test(error.message);
};

/** An answer that says nothing of the assumption: no permission, no licence, no answer. */
export const isNoAnswer = (answer: ProbeAnswer): boolean => [0, 401, 403, 429, 503].includes(answer.status);

/** A check of one request that must be refused. */
export const refusalCheck = (
  about: Pick<Check, 'id' | 'assumes' | 'evidence' | 'scenarios'>,
  request: ProbeRequest,
  refusal: Refusal,
): Check => ({
  ...about,
  run: async (scene) => {
    const answer = await scene.ask(request);
    const isSilent = isNoAnswer(answer) && answer.status !== refusal.status;
    return isSilent ? notChecked(inShort(answer)) : heldIf(isRefusal(answer, refusal), inShort(answer));
  },
});
