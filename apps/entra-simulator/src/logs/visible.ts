import { digest } from '../foundation/ids.js';
import { hashUnit } from '../foundation/random.js';
import type { SignInRow } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';

const day = 86_400_000;

/** Free tenants keep their logs for a week, licensed ones for a month. */
const keptMs = (tenant: Tenant): number => (tenant.config.licence === 'free' ? 7 : 30) * day;

/** Whether the logs show an entry by now: it has come in, each after a lag of its own, and is not too old. */
export function isShown(tenant: Tenant, entry: { at: number; key: string }, now: number): boolean {
  if (entry.at < now - keptMs(tenant)) return false;
  const lag = tenant.config.lags.reports;
  if (lag === undefined || entry.at <= tenant.reportsSettledAt) return true;
  const number = Buffer.from(digest('reports', entry.key)).readUInt32BE(0);
  return entry.at + lag.minMs + (lag.maxMs - lag.minMs) * hashUnit(number, 0) <= now;
}

export const isRowShown = (tenant: Tenant, row: SignInRow, now: number): boolean =>
  isShown(tenant, { at: row.at, key: `${row.userId} ${row.at}` }, now);
