import type { Ports } from '#composition';

/** What a command works with. */
export interface Terminal {
  /** Opens the ports for one command and closes them after it. */
  readonly withPorts: (work: (ports: Ports) => Promise<void>) => Promise<void>;
  /** The answer, on standard output. */
  readonly print: (line: string) => unknown;
  /** What a person may want to know besides. */
  readonly remark: (line: string) => unknown;
  readonly usageExitCode: number;
}
