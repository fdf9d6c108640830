import type { HistoryEntry, HistoryEvent, JsonObject, Lags } from '../control/contract.js';
import { isoMillis } from '../foundation/clock.js';
import type { TableName, Tenant } from './tenant.js';
import type { App, TenantConfig } from './model.js';
import type { World } from './world.js';

export interface Author {
  by: HistoryEntry['by'];
  requestId: string;
  correlationId?: string;
}

/** One request's pen: everything that it changes bears the same author and instant. */
export class Writer {
  readonly at: number;

  constructor(
    private readonly world: World,
    readonly tenant: Tenant,
    private readonly author: Author & { lags?: Lags; at?: number },
  ) {
    this.at = author.at ?? world.clock.now();
  }

  put(table: TableName, key: string, value: object | undefined): void {
    this.world.write(this.tenant, { table, key, value }, this.tenant.stamp(this.at, this.author.lags));
  }

  configure(changes: Partial<TenantConfig>): void {
    this.world.configure(this.tenant, changes);
  }

  /** Consent is no replicated store: the next token carries it. */
  putApp(app: App): void {
    this.world.putApp(this.tenant, app);
  }

  note(
    what: HistoryEvent,
    object: { id: string; userPrincipalName?: string },
    details: JsonObject = {},
  ): void {
    this.world.note({
      at: isoMillis(this.at),
      tenantId: this.tenant.id,
      objectId: object.id,
      userPrincipalName: object.userPrincipalName ?? null,
      what,
      by: this.author.by,
      requestId: this.author.requestId,
      ...(this.author.correlationId === undefined ? {} : { correlationId: this.author.correlationId }),
      details,
    });
  }
}
