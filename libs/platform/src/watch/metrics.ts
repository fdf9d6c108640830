import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { ALARM_KINDS, type AlarmFacts, type AlarmSeverity } from '#core/alarms';
import { SECOND, type Instant } from '#core/shared';
import type { Seen } from './alarm-watch.js';

const SEVERITIES: readonly AlarmSeverity[] = ['critical', 'warning', 'notice'];
/** A scraper that says nothing is let go. */
const REQUEST_MS = 5 * SECOND;
/** A few scrapers, and nobody else. */
const MOST_CONNECTIONS = 20;

/** The figures of one process, of the deployment as it sees it. No name and no id is a label: their number would have no bound. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #up = this.#gauge('curfew_database_up', 'Whether the last look at the database succeeded.');
  readonly #writable = this.#gauge(
    'curfew_database_writable',
    'Whether the database takes writes, as far as this process knows.',
  );
  readonly #oldest = this.#gauge(
    'curfew_oldest_overdue_seconds',
    'How long the oldest owed end is overdue; 0: none is.',
  );
  readonly #overdue = this.#gauge('curfew_overdue_accounts', 'Accounts with an end that is owed and past.');
  readonly #blocked = this.#gauge(
    'curfew_blocked_customers',
    'Customers at which nothing has worked for a minute.',
  );
  readonly #uncompared = this.#gauge(
    'curfew_uncompared_customers',
    'Customers whose drift pass is overdue, or leaves something undone for hours.',
  );
  readonly #enabled = this.#gauge(
    'curfew_enabled_without_grant',
    'Accounts that may be enabled while no grant of theirs runs.',
  );
  readonly #again = this.#gauge(
    'curfew_enabled_again_accounts',
    'Accounts that somebody enabled again twice or more within a day.',
  );
  readonly #unreached = this.#gauge(
    'curfew_unreached_holds',
    'Kill switches that after half a minute have not reached every account in their scope.',
  );
  readonly #beat = this.#gauge(
    'curfew_last_beat_age_seconds',
    'Since when a layer was last seen to work.',
    'layer',
  );
  readonly #clock = this.#gauge('curfew_clock_difference_seconds', 'How far two clocks are apart.', 'clocks');
  readonly #credential = this.#gauge(
    'curfew_credential_ends_in_seconds',
    'Until the first credential ends; NaN: none does within 60 days, as far as known.',
  );
  readonly #alarms = this.#gauge('curfew_alarms', 'Alarms that stand.', 'kind', 'severity');
  readonly #steps = new Counter({
    name: 'curfew_graph_steps_total',
    help: 'Steps that this process sent to Graph, by what became of them.',
    labelNames: ['outcome'],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  saw({ at, facts, alarms }: Seen): void {
    this.#up.set(facts === null ? 0 : 1);
    for (const kind of ALARM_KINDS)
      for (const severity of SEVERITIES)
        this.#alarms.set(
          { kind, severity },
          alarms.filter((alarm) => alarm.kind === kind && alarm.severity === severity).length,
        );
    this.#blocked.set(alarms.filter(({ kind }) => kind === 'customer.blocked').length);
    this.#uncompared.set(alarms.filter(({ kind }) => kind === 'drift.overdue').length);
    if (facts === null) this.#unknown();
    else this.#known(facts, at);
  }

  machineDiffers(ms: number | null): void {
    this.#clock.set({ clocks: 'machine-database' }, secondsOf(ms));
  }

  databaseTakesWrites(isSo: boolean): void {
    this.#writable.set(isSo ? 1 : 0);
  }

  /** `outcome`: `ok`, or the reason of a failure. */
  step(outcome: string): void {
    this.#steps.inc({ outcome });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** What is not known is no number: an old one would be taken for a new one. */
  #unknown(): void {
    for (const gauge of [
      this.#oldest,
      this.#overdue,
      this.#enabled,
      this.#again,
      this.#unreached,
      this.#credential,
    ])
      gauge.set(NaN);
    this.#beat.reset();
  }

  #known(facts: AlarmFacts, at: Instant): void {
    const { overdueSince } = facts;
    this.#oldest.set(overdueSince === null ? 0 : (at - overdueSince) / SECOND);
    this.#overdue.set(facts.overdueCount);
    this.#enabled.set(facts.enabledWithoutGrant);
    this.#again.set(facts.enabledAgain.reduce((sum, { accounts }) => sum + accounts, 0));
    this.#unreached.set(facts.unreached.length);
    const [credential] = facts.credentialEnds;
    this.#credential.set(credential === undefined ? NaN : (credential.endsAt - at) / SECOND);
    this.#clock.set({ clocks: 'graph-database' }, secondsOf(facts.clocks[0]?.aheadMs ?? 0));
    this.#beat.reset();
    for (const layer of new Set(facts.beats.map((beat) => beat.layer))) {
      const last = Math.max(...facts.beats.filter((beat) => beat.layer === layer).map((beat) => beat.at));
      this.#beat.set({ layer }, Math.max(0, at - last) / SECOND);
    }
    const { readBackOwedAt } = facts;
    this.#beat.set({ layer: 'read-back' }, readBackOwedAt === null ? 0 : (at - readBackOwedAt) / SECOND);
  }

  #gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}

const secondsOf = (ms: number | null): number => (ms === null ? NaN : ms / SECOND);

/** Where the figures are had. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the figures on a port of their own, and nothing else. Throws when the port can't be had. */
export const serveMetrics = async (
  metrics: Metrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> => {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing here but /metrics.\n');
      return;
    }
    metrics.text().then(
      (text) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, host, port);
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A broken connection of a scraper is no trouble of ours.
      server.on('error', () => undefined);
      resolve();
    });
  });
