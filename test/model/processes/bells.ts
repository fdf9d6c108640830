import { MINUTE, type CustomerRef, type Instant, type JobQueue, type JobRequest } from '#core/shared';
import { FakeJobQueue } from '#core/testing';
import type { Chance } from '../kernel/chance.js';
import type { Life, Scheduler } from '../kernel/scheduler.js';

/** Whoever answers bells. */
export type Listener = (customer: CustomerRef) => void;

/** The queue of all processes: what it is given it may lose, double, or ring late. */
export class Bells {
  readonly queue = new FakeJobQueue();
  /** By chance: lost, rung twice, or late by as much as this. */
  readonly faults = { lose: 0, double: 0, lateMs: 0 };
  readonly listeners = new Map<Life, Listener>();
  #rings: Instant[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly chance: Chance,
  ) {
    scheduler.every({ life: null, label: 'bells', next: () => this.nextRing(), fire: () => this.ringDue() });
  }

  lineOf(life: Life): JobQueue {
    return {
      ring: async (job, at) => {
        await this.scheduler.pass(life, 'ring', this.chance.between(0, 3));
        await this.queue.ring(job, at);
        this.#rings.push(at ?? this.scheduler.now);
        this.scheduler.touch();
      },
    };
  }

  /** Everything in it is gone. */
  wipe(): void {
    this.queue.wipe();
    this.#rings = [];
  }

  private nextRing(): Instant {
    return this.#rings.length === 0 ? Infinity : Math.min(...this.#rings);
  }

  private ringDue(): void {
    const { now } = this.scheduler;
    this.#rings = this.#rings.filter((at) => at > now);
    for (const job of this.queue.takeDue(now)) {
      if (this.chance.happens(this.faults.lose)) continue;
      this.ring(job);
      if (this.chance.happens(this.faults.double)) this.ring(job);
    }
  }

  private ring({ organizationId, customerId }: JobRequest): void {
    const hearing = [...this.listeners].filter(([life]) => !life.isOver);
    if (hearing.length === 0) return;
    const [life, listener] = this.chance.pick(hearing);
    const late = this.chance.happens(0.2) ? Math.min(this.faults.lateMs, 5 * MINUTE) : 0;
    const open = (): void => listener({ organizationId, customerId });
    const at = this.scheduler.now + this.chance.between(0, 5) + late;
    this.scheduler.put({ life, label: 'a bell', at, open });
  }
}
