import { randomBytes } from 'node:crypto';
import type { Directory } from '#core/accounts';
import type { AlarmSource, BeatingLayer } from '#core/alarms';
import { MINUTE, SECOND, type Clock, type Secret } from '#core/shared';
import { logFailure, type Logger } from '../logging/logger.js';
import { AlarmWatch, type Seen } from './alarm-watch.js';
import { DeadMan } from './dead-man.js';
import { Heart } from './heart.js';
import { measuredDirectory } from './measured-directory.js';
import type { Metrics, MetricsServer } from './metrics.js';

/** How often what is done. Milliseconds. */
export interface LookoutTempo {
  readonly beatMs: number;
  readonly lookMs: number;
  readonly pushMs: number;
}

const TEMPO: LookoutTempo = { beatMs: 5 * SECOND, lookMs: 10 * SECOND, pushMs: MINUTE };

export interface LookoutOptions {
  readonly process: 'api' | 'worker' | 'revoker';
  readonly source: AlarmSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: { readonly host: string; readonly port: number | null };
  readonly deadmanUrl: Secret | null;
  readonly tempo?: LookoutTempo;
}

/**
 * What one process does for the alarms of all: it says that it lives, looks for what is alarming, tells it, and shows figures.
 * Nothing of it may ever end or hold up the process whose work it watches.
 */
export class Lookout {
  readonly instance: string;
  readonly #options: LookoutOptions;
  readonly #heart: Heart;
  readonly #watch: AlarmWatch;
  readonly #deadMan: DeadMan | null;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #works = new Map<string, Promise<void>>();
  #metrics: Metrics | null = null;
  #server: MetricsServer | null = null;

  constructor(options: LookoutOptions) {
    const { source, clock, logger, deadmanUrl } = options;
    this.#options = options;
    this.instance = `${options.process}-${randomBytes(4).toString('hex')}`;
    this.#heart = new Heart({
      instance: this.instance,
      source,
      clock,
      wall: () => Date.now(),
      always: options.process === 'api' ? ['api'] : [],
    });
    this.#deadMan =
      deadmanUrl === null ? null : new DeadMan({ url: deadmanUrl, now: () => clock.now(), logger });
    this.#watch = new AlarmWatch({
      source,
      clock,
      // Workers and the revoker tell: often enough, and also when no API is there.
      logger: options.process === 'api' ? null : logger,
      unwritableSince: () => source.unwritableSince(),
      onSeen: (seen) => this.#saw(seen),
    });
  }

  /** Begins. Figures that can't be served are a pity, and no reason not to work. */
  async start(): Promise<void> {
    const { logger, metrics, tempo = TEMPO } = this.#options;
    logger.info({ instance: this.instance }, 'this process beats under this name');
    if (metrics.port !== null) await this.#serve(metrics.host, metrics.port);
    this.#every(tempo.beatMs, 'beat', () => this.#beat());
    // The API looks only for figures: its resource reads the rows itself.
    if (this.#options.process !== 'api' || this.#metrics !== null)
      this.#every(tempo.lookMs, 'look', () => this.#watch.look());
    const deadMan = this.#deadMan;
    if (deadMan !== null) this.#every(tempo.pushMs, 'push', () => deadMan.push());
  }

  /** This layer has just worked. */
  beat(layer: BeatingLayer): void {
    this.#heart.beat(layer);
  }

  /** The same directory, whose steps are counted. */
  measured(directory: Directory): Directory {
    return measuredDirectory(directory, (outcome) => this.#metrics?.step(outcome));
  }

  /** Ends, and says so, that nobody misses this process. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all(this.#works.values());
    await this.#server?.close();
    await this.#options.source.farewell(this.instance).catch(() => undefined);
  }

  async #serve(host: string, port: number): Promise<void> {
    const { logger } = this.#options;
    try {
      // Loaded only where it is wanted.
      const { Metrics, serveMetrics } = await import('./metrics.js');
      this.#metrics = new Metrics();
      this.#server = await serveMetrics(this.#metrics, { host, port });
      logger.info({ url: this.#server.url }, 'figures are served');
    } catch (error) {
      logFailure(logger, error, 'figures can not be served');
    }
  }

  async #beat(): Promise<void> {
    try {
      await this.#heart.flush();
    } finally {
      this.#metrics?.machineDiffers(this.#heart.differenceMs);
      this.#metrics?.databaseTakesWrites(this.#options.source.unwritableSince() === null);
    }
  }

  #saw(seen: Seen): void {
    this.#deadMan?.saw(seen);
    this.#metrics?.saw(seen);
  }

  /** One at a time. Failures are the database's, and told by the look: it is away. */
  #every(ms: number, name: string, work: () => Promise<void>): void {
    const begin = (): void => {
      if (this.#works.has(name)) return;
      this.#works.set(
        name,
        work()
          .catch((error: unknown) => this.#options.logger.debug({ err: error, work: name }, 'a watch failed'))
          .finally(() => this.#works.delete(name)),
      );
    };
    this.#timers.push(setInterval(begin, ms));
    begin();
  }
}
