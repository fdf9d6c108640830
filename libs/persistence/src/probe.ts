import pg from 'pg';
import type { Probe } from './refusals.js';

/** Whoever is there says so in this time, however busy he is. */
const PROBE_MS = 2_000;

/**
 * On a connection made for the question, since those that are there may be what is dead. Whoever asks meanwhile is answered
 * by the same one: a database that is away is not asked by everybody at once.
 */
export const probeOf = (connectionString: string): Probe => {
  let asking: Promise<boolean> | null = null;
  return () => {
    asking ??= ask(connectionString).finally(() => {
      asking = null;
    });
    return asking;
  };
};

const ask = async (connectionString: string): Promise<boolean> => {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  // A connection that is lost while nobody asks anything says so here, or ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    // Not waited for: a server that fell silent says no farewell.
    client.end().catch(() => undefined);
  }
};
