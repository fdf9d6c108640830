// `node scripts/prepare.mjs <directory>`: makes a PostgreSQL of your own ready, and a file of every secret that the processes
// need, for their `…_FILE` variables. May be repeated, and must be after every update; what is there is kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { prepareDatabase, urlOf } from './lib/database.mjs';
import { createKeysOnce } from './lib/key-file.mjs';
import { failPlainly } from './lib/run.mjs';

const usage = `Usage: node scripts/prepare.mjs <directory>
  CURFEW_ADMIN_DATABASE_URL    a role that may create databases and roles, such as postgresql://postgres@db/postgres
  CURFEW_ADMIN_PASSWORD_FILE   a file with its password, unless the URL has it
  CURFEW_REDIS_URL             optional: the queue is on this Redis instead of on PostgreSQL
  CURFEW_REDIS_PASSWORD_FILE   a file with its password, unless the URL has it`;

const main = async ([directory]) => {
  const admin = withPassword('CURFEW_ADMIN_DATABASE_URL', 'CURFEW_ADMIN_PASSWORD_FILE');
  if (!directory || !admin) throw new Error(usage);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const urls = await prepareDatabase(admin, {
    name: 'curfew',
    credentialsFile: resolve(directory, 'database.credentials'),
    log: console.log,
  });
  const redis = withPassword('CURFEW_REDIS_URL', 'CURFEW_REDIS_PASSWORD_FILE');
  const files = {
    DATABASE_URL: urls.app,
    CLOCKWORK_DATABASE_URL: urls.clockwork,
    REVOKER_DATABASE_URL: urls.revoker,
    KEYS_DATABASE_URL: urls.keys,
    QUEUE_URL: redis ?? urls.queue,
  };
  for (const [name, url] of Object.entries(files)) {
    writeFileSync(resolve(directory, name), `${url}\n`, { mode: 0o600 });
    console.log(`${name}_FILE=${resolve(directory, name)}`);
  }
  console.log(`CURFEW_KEY_FILE=${await createKeysOnce(resolve(directory, 'keys.json'))}`);
};

const withPassword = (variable, fileVariable) => {
  const url = process.env[variable];
  const file = process.env[fileVariable];
  if (!url || !file) return url;
  if (!existsSync(file)) throw new Error(`${fileVariable} names ${file}, which does not exist.`);
  const { username } = new URL(url);
  return urlOf(url, { user: username, password: readFileSync(file, 'utf8').trim() });
};

await main(process.argv.slice(2)).catch(failPlainly);
