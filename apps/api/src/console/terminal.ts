import type { KeyTools, Ports } from '#composition';

/** What a command works with. */
export interface Terminal {
  /** Opens the ports for one command and closes them after it. */
  readonly withPorts: (work: (ports: Ports) => Promise<void>) => Promise<void>;
  /** The same with the key ring, and the role that seals anew. */
  readonly withKeys: (work: (tools: KeyTools) => Promise<void>) => Promise<void>;
  /** Writes the key ring, wrapped by the configured key vault, into a new file; needs no database. */
  readonly wrapKeys: (path: string) => Promise<void>;
  /** The answer, on standard output. */
  readonly print: (line: string) => unknown;
  /** What a person may want to know besides. */
  readonly remark: (line: string) => unknown;
  /** Asks whoever sits there; null: nobody does. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Milliseconds that never go back. */
  readonly elapsed: () => number;
  /** The command has begun what it was told, and not all of it was done in time: another exit code. */
  readonly unfinished: () => unknown;
  readonly usageExitCode: number;
}
