import type {
  Directory,
  DirectoryStep,
  StepOutcome,
  TenantChanges,
  TenantInspection,
  UserChanges,
} from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import type { FakeDirectory } from '#core/testing';
import type { Chance } from '../kernel/chance.js';
import type { Life, Scheduler } from '../kernel/scheduler.js';
import { unsent, type Network } from './network.js';

/** What a process reaches Graph by. */
export interface GraphLine {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly directory: FakeDirectory;
  readonly network: Network;
  /** Told of what is asked for, at the moment at which the core lets go of it. */
  readonly asked: (app: EntraApp, steps: readonly DirectoryStep[]) => void;
  /** The whole answer is lost: what was sent is carried out, and nobody hears of it. */
  readonly losesAnswer: (tenantId: string) => boolean;
  readonly changesRefused: (tenantId: string) => boolean;
}

/** Between asking and sending: a process that is held there sends what was right when it asked. */
const HELD_MS = 2_000;

/** Graph as one process sees it: a gate before anything leaves, one for each call's arrival, and one for the answer. */
export class GatedDirectory implements Directory, TenantChanges {
  constructor(private readonly line: GraphLine) {}

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    const { life, scheduler, chance, network, asked, losesAnswer } = this.line;
    if (steps.length === 0) return [];
    asked(app, steps);
    const askedAt = scheduler.now;
    await scheduler.pass(life, `${steps.map(({ call }) => call.do).join(', ')} leaves`, chance.between(0, 3));
    const sentAt = scheduler.now;
    const wasHeld = sentAt - askedAt > HELD_MS;
    const isLost = losesAnswer(app.tenantId);
    let isWaiting = true;
    let outcomes: ReadonlyMap<string, StepOutcome> = new Map();
    await new Promise<void>((open) => {
      const answer = scheduler.put({ life, label: 'answers of Graph', at: sentAt + timeoutMs, open });
      outcomes = network.send(steps, {
        sent: (step) => ({
          ...{ who: life.name, app, step, sentAt },
          isLate: () => wasHeld || life.isOver || life.frozenUntil > scheduler.now || !isWaiting,
        }),
        isHome: () => {
          if (!isLost) answer.at = Math.min(answer.at, scheduler.now + chance.between(1, 60));
        },
      });
    });
    isWaiting = false;
    return steps.map((step) => (isLost ? undefined : outcomes.get(step.ref)) ?? unsent(step, 'unanswered'));
  }

  async readChanges(app: EntraApp, cursor: string | null, timeoutMs: number): Promise<UserChanges> {
    const { life, scheduler, chance, directory, changesRefused } = this.line;
    await scheduler.pass(life, 'changes asked', chance.between(20, 200));
    directory.changesFail = changesRefused(app.tenantId)
      ? { reason: 'throttled', status: 429, retryAfterSeconds: 10 }
      : null;
    const told = directory.readChanges(app, cursor, timeoutMs);
    await told.catch(() => undefined);
    await scheduler.pass(life, 'changes told', chance.between(1, 60));
    return told;
  }

  async inspect(app: EntraApp, timeoutMs: number): Promise<TenantInspection> {
    await this.line.scheduler.pass(this.line.life, 'inspection', this.line.chance.between(20, 200));
    return this.line.directory.inspect(app, timeoutMs);
  }
}
