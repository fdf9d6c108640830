import type { HistoryEntry } from '../control/contract.js';
import type { Clock } from '../foundation/clock.js';
import { Agenda, dueAtOf } from './agenda.js';
import type { Change } from './changes.js';
import { History } from './history.js';
import type { Journal, JournalLine } from './journal.js';
import type { App, TenantConfig } from './model.js';
import { noLags, type Stamp } from './replicated.js';
import { Tenant, tableNames, type TableName } from './tenant.js';

/** All tenants, their history, and the journal that both survive in. */
export class World {
  readonly tenants = new Map<string, Tenant>();
  readonly history = new History();
  readonly agenda = new Agenda();
  /** Aborted at the end: nothing that was asked outside is waited for any longer. */
  readonly closing = new AbortController();
  /** Told of every change in a tenant whose changes are followed. */
  onChange: ((tenant: Tenant, change: Change) => void) | undefined;

  constructor(
    readonly clock: Clock,
    private readonly journal?: Journal,
  ) {}

  /** A tenant by its id or by one of its domain names, as sign-in paths name it. */
  findTenant(idOrDomain: string): Tenant | undefined {
    const wanted = idOrDomain.toLowerCase();
    const byId = this.tenants.get(wanted);
    if (byId !== undefined) return byId;
    return [...this.tenants.values()].find((tenant) =>
      tenant.config.domains.some((domain) => domain.name.toLowerCase() === wanted),
    );
  }

  makeTenant(id: string, config: TenantConfig): Tenant {
    const tenant = new Tenant(id.toLowerCase(), config);
    this.tenants.set(tenant.id, tenant);
    this.journal?.append(['tenant', tenant.id, config]);
    return tenant;
  }

  configure(tenant: Tenant, changes: Partial<TenantConfig>): void {
    tenant.config = { ...tenant.config, ...changes };
    this.journal?.append(['config', tenant.id, tenant.config]);
  }

  putApp(tenant: Tenant, app: App): void {
    tenant.putApp(app);
    this.journal?.append(['app', tenant.id, app]);
  }

  write(tenant: Tenant, row: { table: TableName; key: string; value: unknown }, stamp: Stamp): void {
    this.put(tenant, row, stamp);
    this.journal?.append(['row', tenant.id, row.table, row.key, row.value ?? null]);
  }

  note(entry: Omit<HistoryEntry, 'seq'>): void {
    const added = this.history.add(entry);
    this.journal?.append(['history', added]);
  }

  flush(): void {
    this.journal?.flush();
  }

  /** After a restart everything that was written is settled: lags are not carried over. */
  load(): void {
    if (this.journal === undefined) return;
    for (const line of this.journal.read()) this.replay(line);
    this.journal.compact(this.lines());
  }

  close(): void {
    this.closing.abort();
    this.journal?.close();
  }

  private replay(line: JournalLine): void {
    const [kind, id, ...rest] = line as [string, string, ...unknown[]];
    if (kind === 'history') return this.history.restore(id as unknown as HistoryEntry);
    if (kind === 'tenant') {
      this.tenants.set(id, new Tenant(id, rest[0] as TenantConfig));
      return;
    }
    const tenant = this.tenants.get(id);
    if (tenant === undefined) return;
    if (kind === 'config') tenant.config = rest[0] as TenantConfig;
    else if (kind === 'app') tenant.putApp(rest[0] as App);
    else if (kind === 'row') this.replayRow(tenant, rest as [TableName, string, unknown]);
  }

  private replayRow(tenant: Tenant, [table, key, value]: [TableName, string, unknown]): void {
    this.put(tenant, { table, key, value }, tenant.stamp(0, noLags));
  }

  private put(tenant: Tenant, row: { table: TableName; key: string; value: unknown }, stamp: Stamp): void {
    const change = tenant.write(row.table, row, stamp);
    if (change !== undefined) this.onChange?.(tenant, change);
    const at = dueAtOf(row.value);
    if (at !== null) this.agenda.add({ at, tenantId: tenant.id, table: row.table, key: row.key });
  }

  private *lines(): Generator<JournalLine> {
    for (const tenant of this.tenants.values()) {
      yield ['tenant', tenant.id, tenant.config];
      for (const app of tenant.apps.values()) yield ['app', tenant.id, app];
      for (const table of tableNames) yield* rowsOf(tenant, table);
    }
    for (const entry of this.history.all()) yield ['history', entry];
  }
}

function* rowsOf(tenant: Tenant, table: TableName): Generator<JournalLine> {
  for (const value of tenant[table].truths()) yield ['row', tenant.id, table, keyOf(table, value), value];
}

function keyOf(table: TableName, value: unknown): string {
  if (table !== 'memberships') return (value as { id: string }).id;
  const { groupId, memberId } = value as { groupId: string; memberId: string };
  return `${groupId}|${memberId}`;
}
