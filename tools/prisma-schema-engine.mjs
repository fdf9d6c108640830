#!/usr/bin/env node
// Prisma's schema engine as WebAssembly, behind the command line that Prisma expects of the native one (which it would fetch
// from a host of its own). Used by `prisma migrate …` in development only: prisma.config.ts points to it.
// Spoken here: JSON-RPC by lines on standard input and output, and `cli <command>` for databases as a whole.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const pg = require('pg');
const {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum: Column,
  DriverAdapterError,
} = require('@prisma/driver-adapter-utils');

const NAME = 'curfew-schema-engine';

// --- PostgreSQL as the engine wants it. @prisma/adapter-pg won't do: it refuses the catalog's type "char" and splits scripts
// at semicolons, which breaks functions.

/** Type of a result column, by PostgreSQL's type number; all others are text. */
const COLUMN_TYPES = {
  16: Column.Boolean,
  17: Column.Bytes,
  18: Column.Character,
  20: Column.Int64,
  21: Column.Int32,
  23: Column.Int32,
  26: Column.Int64,
  114: Column.Json,
  700: Column.Float,
  701: Column.Double,
  1000: Column.BooleanArray,
  1002: Column.CharacterArray,
  1003: Column.TextArray,
  1005: Column.Int32Array,
  1007: Column.Int32Array,
  1009: Column.TextArray,
  1016: Column.Int64Array,
  1028: Column.Int64Array,
  1114: Column.DateTime,
  1184: Column.DateTime,
  1700: Column.Numeric,
  2950: Column.Uuid,
  3802: Column.Json,
};
/** Types that the engine reads itself, from PostgreSQL's own text. */
const AS_TEXT = new Set([20, 26, 114, 1700, 3802]);
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

const withOffset = (text) =>
  text.replace(/([+-]\d\d)(:\d\d)?$/, (_, hours, minutes = ':00') => hours + minutes);
const readTimestamp = (text) => `${text.replace(' ', 'T')}+00:00`;
const readTimestamptz = (text) => withOffset(text.replace(' ', 'T'));

const types = {
  getTypeParser: (oid, format) => {
    if (AS_TEXT.has(oid)) return (text) => text;
    if (oid === TIMESTAMP) return readTimestamp;
    if (oid === TIMESTAMPTZ) return readTimestamptz;
    return pg.types.getTypeParser(oid, format);
  },
};

/** An error of PostgreSQL in the engine's words; others pass as they are. */
const translated = (error) =>
  error.code && error.severity
    ? new DriverAdapterError({
        kind: 'postgres',
        code: error.code,
        severity: error.severity,
        message: error.message,
        detail: error.detail,
        column: error.column,
        hint: error.hint,
        originalCode: error.code,
        originalMessage: error.message,
      })
    : error;

const asked = async (query) => {
  try {
    return await query();
  } catch (error) {
    throw translated(error);
  }
};

class Queryable {
  provider = 'postgres';
  adapterName = NAME;

  constructor(client) {
    this.client = client;
  }

  async queryRaw({ sql, args }) {
    const { fields, rows } = await asked(() =>
      this.client.query({ text: sql, values: args, rowMode: 'array', types }),
    );
    return {
      columnNames: fields.map(({ name }) => name),
      columnTypes: fields.map(({ dataTypeID }) => COLUMN_TYPES[dataTypeID] ?? Column.Text),
      rows,
    };
  }

  async executeRaw({ sql, args }) {
    const { rowCount } = await asked(() => this.client.query({ text: sql, values: args }));
    return rowCount ?? 0;
  }
}

class Transaction extends Queryable {
  options = { usePhantomQuery: false };

  async commit() {
    await this.client.query('COMMIT');
  }

  async rollback() {
    await this.client.query('ROLLBACK');
  }
}

class Adapter extends Queryable {
  constructor(client, { schema, afterwards = async () => {} }) {
    super(client);
    this.schema = schema;
    this.afterwards = afterwards;
  }

  async executeScript(script) {
    await asked(() => this.client.query(script));
  }

  async startTransaction() {
    await asked(() => this.client.query('BEGIN'));
    return new Transaction(this.client);
  }

  getConnectionInfo() {
    return { schemaName: this.schema, supportsRelationJoins: true };
  }

  async dispose() {
    await this.client.end();
    await this.afterwards();
  }
}

const connect = async (url) => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await asked(() => client.connect());
  return client;
};

/** Connects when first asked: comparing two schema files needs no database. */
const lazily = (url) => {
  let client;
  return {
    query: async (...args) => (await (client ??= connect(url))).query(...args),
    end: async () => (await client)?.end(),
  };
};

/** What is asked when there is no database at all: the version that SQL is to be written for. */
const noDatabase = {
  query: async ({ text }) => {
    if (!/server_version_num/.test(text)) throw new Error('There is no database URL: set DATABASE_URL.');
    const fields = [
      { name: 'exists', dataTypeID: 16 },
      { name: 'version', dataTypeID: 25 },
      { name: 'numeric_version', dataTypeID: 23 },
    ];
    return { fields, rows: [[true, 'PostgreSQL 18.0', 180_000]], rowCount: 1 };
  },
  end: async () => {},
};

class AdapterFactory {
  provider = 'postgres';
  adapterName = NAME;

  constructor(url) {
    this.url = url;
    this.schema = (url && new URL(url).searchParams.get('schema')) || 'public';
  }

  async connect() {
    return new Adapter(this.url ? lazily(this.url) : noDatabase, { schema: this.schema });
  }

  /** A database of its own, in which the engine replays migrations; removed afterwards. */
  async connectToShadowDb() {
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = await connect(this.url);
    await asked(() => admin.query(`CREATE DATABASE "${name}"`));
    const afterwards = async () => {
      await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
      await admin.end();
    };
    return new Adapter(await connect(urlOf(this.url, name)), { schema: this.schema, afterwards });
  }
}

const urlOf = (url, database) => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
};

// --- `cli <command>`: whole databases.

/** Prisma's code for what went wrong, by PostgreSQL's or the socket's. */
const PRISMA_CODES = { '3D000': 'P1003', ECONNREFUSED: 'P1001', '28P01': 'P1000' };

const commands = {
  'can-connect-to-database': async (url) => {
    await (await connect(url)).end();
    return 'Connection successful';
  },
  'create-database': (url) => onServer(url, 'CREATE DATABASE'),
  'drop-database': (url) => onServer(url, 'DROP DATABASE'),
};

const onServer = async (url, statement) => {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const server = await connect(urlOf(url, 'postgres'));
  await server.query(`${statement} ${server.escapeIdentifier(name)}`);
  await server.end();
  return 'Done';
};

const runCommand = async (name, url) => {
  try {
    if (!commands[name]) throw new Error(`Unknown command: ${name}`);
    console.log(await commands[name](url));
    return 0;
  } catch (error) {
    const code = error.cause?.originalCode ?? error.code;
    // Prisma passes over the first line of standard error.
    logLine('INFO', NAME, { message: 'starting' });
    logLine('ERROR', 'schema_engine::logger', {
      message: error.message || String(error),
      error_code: PRISMA_CODES[code] ?? 'P1010',
      is_panic: false,
    });
    return 1;
  }
};

const logLine = (level, target, fields) =>
  process.stderr.write(`${JSON.stringify({ level, target, timestamp: new Date().toISOString(), fields })}\n`);

// --- JSON-RPC.

const loadEngine = async () => {
  // The engine leaves the text of a panic here.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: '',
    get() {
      return this.message;
    },
    set_message(message) {
      this.message = `RuntimeError: ${message}`;
    },
  };
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const file = new URL(
    'schema_engine_bg.wasm',
    import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
  );
  const { instance } = await WebAssembly.instantiate(readFileSync(fileURLToPath(file)), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings.SchemaEngine;
};

const createEngine = async (url, datamodels) => {
  const SchemaEngine = await loadEngine();
  const factory = bindMigrationAwareSqlAdapterFactory(new AdapterFactory(url));
  const files = datamodels.map((path) => [path, readFileSync(path, 'utf8')]);
  const engine = await SchemaEngine.new(
    { datamodels: files.length > 0 ? files : undefined },
    () => {},
    factory,
  );
  return { engine, errors: factory.errorRegistry };
};

const send = (message) =>
  new Promise((sent) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`, sent));

/** Names by which Prisma calls what the engine calls otherwise. */
const METHODS = { getDatabaseVersion: 'version' };

const answer = async (engine, { id, method, params }) => {
  // Prisma has created it by the command line before.
  if (method === 'createDatabase') return send({ id, result: { databaseName: '' } });
  const result = (await engine[METHODS[method] ?? method](params)) ?? null;
  if (method === 'diff' && result?.stdout) {
    const { stdout: content, ...rest } = result;
    await send({ id: `print ${id}`, method: 'print', params: { content } });
    return send({ id, result: rest });
  }
  return send({ id, result });
};

/** The engine tells of an adapter's error by its number only. */
const originOf = (error, errors) => {
  const number = /External error id#(\d+)/.exec(String(error?.message))?.[1];
  return (number === undefined ? undefined : errors?.consumeError?.(Number(number))?.error) ?? error;
};

const refuse = (id, error, origin) => {
  const panicked = error?.name === 'RuntimeError';
  const message = panicked
    ? globalThis.PRISMA_WASM_PANIC_REGISTRY.get()
    : (origin?.message ?? String(origin));
  return send({
    id,
    error: {
      code: 4466,
      message: 'An error happened. Check the data field for details.',
      data: { is_panic: false, message, meta: null, error_code: origin?.code ?? null },
    },
  });
};

const serve = async (url, datamodels) => {
  let created;
  let diagnosis;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const message = JSON.parse(line);
    // Without a method it is Prisma's answer to something printed.
    if (message.method === undefined) continue;
    try {
      created ??= await createEngine(url, datamodels);
      await answer(created.engine, message);
      if (message.method === 'devDiagnostic') diagnosis = message.params;
      if (message.method === 'applyMigrations' && diagnosis !== undefined) {
        // Having applied something, the engine has lost its way to a shadow database; a diagnosis finds it.
        await created.engine.devDiagnostic(diagnosis);
      }
    } catch (error) {
      await refuse(message.id, error, originOf(error, created?.errors));
    }
  }
};

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    datasource: { type: 'string' },
    datamodels: { type: 'string', short: 'd', multiple: true },
    version: { type: 'boolean' },
  },
});
const { url } = JSON.parse(values.datasource ?? '{}');
if (values.version) console.log(`${NAME} wasm`);
else if (positionals[0] === 'cli') process.exitCode = await runCommand(positionals[1], url);
else await serve(url, values.datamodels ?? []);
// Open connections must not keep the process, which Prisma waits for.
process.exit();
