// Loaded into the API before its figures are taken: keeps the statements that it sends to PostgreSQL.
import pg from 'pg';
import { tellAtSignal } from '../lib/tell-at-signal.mjs';

let sent = [];
const { query } = pg.Client.prototype;

pg.Client.prototype.query = function keep(config, values, ...others) {
  const text = typeof config === 'string' ? config : config?.text;
  const given = Array.isArray(values) ? values : config?.values;
  if (text !== undefined) sent.push({ text, values: given ?? [] });
  return query.call(this, config, values, ...others);
};

/** Since this was last asked. */
tellAtSignal(() => {
  const told = sent;
  sent = [];
  return told;
});
