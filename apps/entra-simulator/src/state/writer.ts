import type { HistoryEvent, JsonObject, Lags } from '../control/contract.js';
import { isoMillis } from '../foundation/clock.js';
import type { TableName, Tenant } from './tenant.js';
import type { World } from './world.js';

export interface Author {
  by: { appId: string } | 'portal';
  requestId: string;
}

/** One request's pen: everything that it changes bears the same author and instant. */
export class Writer {
  readonly at: number;

  constructor(
    private readonly world: World,
    readonly tenant: Tenant,
    private readonly author: Author & { lags?: Lags },
  ) {
    this.at = world.clock.now();
  }

  put(table: TableName, key: string, value: object | undefined): void {
    this.world.write(this.tenant, { table, key, value }, this.tenant.stamp(this.at, this.author.lags));
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
      details,
    });
  }
}
