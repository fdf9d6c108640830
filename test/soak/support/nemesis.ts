import type { FaultGround } from '../../faults/support/ground.js';
import type { Chance } from '../../model/kernel/chance.js';
import type { Agenda } from './agenda.js';
import type { FaultLog } from './fault-log.js';
import { GRAPH_FAULTS, MACHINE_FAULTS, type Fault } from './faults.js';
import type { Servants } from './servants.js';

/** Seconds without a fault of that kind, between two. */
const GAPS = { machine: [10, 30], graph: [15, 45] } as const;
const AGAIN_MS = 1_000;
/** Of ten customers one is hit by what hits some. */
const PART = 0.1;

interface Stage {
  readonly ground: FaultGround;
  readonly servants: Servants;
  readonly agenda: Agenda;
  readonly log: FaultLog;
  readonly chance: Chance;
}

/** Draws one fault after the other, of processes and servers and beside them of Graph, until a last instant. */
export class Nemesis {
  /** Faults that could not be begun. */
  readonly failed: string[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly lastAt: number,
  ) {}

  begin(): void {
    const { queue } = this.stage.ground;
    const { chance } = this.stage;
    const machine = MACHINE_FAULTS.filter((fault) => fault.queue === undefined || fault.queue === queue);
    this.#lane(machine, GAPS.machine, chance.fork());
    this.#lane(GRAPH_FAULTS, GAPS.graph, chance.fork());
  }

  #lane(faults: readonly Fault[], gap: readonly [number, number], chance: Chance): void {
    const left: Fault[] = [];
    const next = (): void => this.stage.agenda.after(1_000 * chance.between(...gap), strike);
    const strike = async (): Promise<void> => {
      if (Date.now() > this.lastAt) return;
      // Every one of them comes once before any comes again.
      if (left.length === 0) left.push(...faults);
      const [fault] = left.splice(chance.between(0, left.length - 1), 1);
      if (fault !== undefined) await this.#strike(fault, chance, next);
    };
    next();
  }

  async #strike(fault: Fault, chance: Chance, next: () => void): Promise<void> {
    const { ground, servants, log, agenda } = this.stage;
    const tenants = ground.fleet.customers.map(({ tenantId }) => tenantId).filter(() => chance.happens(PART));
    const healed = log.begin({
      kind: fault.kind,
      breaks: fault.breaks ?? [],
      tenants: fault.isPartial ? new Set(tenants) : null,
    });
    const lastsMs = 1_000 * chance.between(...fault.lasts);
    let heal: () => Promise<void> = () => Promise.resolve();
    try {
      heal = await fault.begin({ ground, servants, tenants });
    } catch (error) {
      this.failed.push(`${fault.kind}: ${String(error)}`);
    }
    // What does not heal at once, as a process whose database is away, is tried again.
    const mend = async (): Promise<void> => {
      try {
        await heal();
      } catch {
        return agenda.after(AGAIN_MS, mend);
      }
      healed(fault.lingersMs);
      next();
    };
    if (lastsMs === 0) await mend();
    else agenda.after(lastsMs, mend);
  }
}
