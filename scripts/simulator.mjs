// `npm run simulator`: Microsoft Entra sign-in and Graph on this machine, alone. On a bare checkout it installs and builds
// first. `npm run simulator -- --help` tells what it takes.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt, mainOf } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';
import { failPlainly } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';
import { exampleSeed, simulatorHelp, simulatorWelcome } from './lib/simulator-words.mjs';

const DEFAULT_PORT = '8443';
const LOOPBACK = '127.0.0.1';

const options = {
  help: { type: 'boolean', short: 'h', default: false },
  seed: { type: 'string' },
  port: { type: 'string', default: process.env.SIMULATOR_PORT ?? DEFAULT_PORT },
  host: { type: 'string', default: process.env.SIMULATOR_HOST ?? LOOPBACK },
  'data-dir': { type: 'string', default: process.env.SIMULATOR_DATA_DIR },
  chance: { type: 'string', default: process.env.SIMULATOR_SEED ?? '1' },
};

const main = async () => {
  const wanted = read();
  if (wanted.help) return console.log(simulatorHelp);
  await ensureInstalled();
  await ensureBuilt();
  const { startSimulator } = await import(pathToFileURL(mainOf('entra-simulator', 'index.js')).href);
  const { settings, seedFile, isExample } = wanted;
  const simulator = await startSimulator(settings).catch((error) => {
    throw new Error(sentenceOf(error, settings), { cause: error });
  });
  const caFile = quoted(simulator.caFile ?? writeCa(simulator.caPem));
  endOnSignals(simulator);
  const { tenants } = JSON.parse(readFileSync(seedFile, 'utf8'));
  console.log(
    simulatorWelcome({ simulator, caFile, tenants, seedFile, isExample, dataDir: settings.dataDir }),
  );
};

const read = () => {
  const values = parsed();
  if (values.help) return { help: true };
  // As the person who typed it means it: npm runs scripts from the checkout's root.
  const from = (path) => (isAbsolute(path) ? path : resolve(process.env.INIT_CWD ?? process.cwd(), path));
  const isExample = values.seed === undefined;
  const seedFile = isExample ? resolve(root, exampleSeed) : from(values.seed);
  const dataDir = values['data-dir'] === undefined ? undefined : from(values['data-dir']);
  return {
    seedFile: shown(seedFile),
    isExample,
    settings: {
      port: whole('port', values.port, 65_535),
      host: values.host,
      seed: whole('chance', values.chance, 2 ** 32 - 1),
      seedFile: shown(seedFile),
      ...(dataDir && { dataDir }),
    },
  };
};

const parsed = () => {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(
      `${error.message.split('. To specify')[0]}. npm run simulator -- --help tells all options.`,
      {
        cause: error,
      },
    );
  }
};

/** Short where that is possible: errors and the welcome name it. */
const shown = (file) => {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') || !existsSync(short) ? file : short;
};

const whole = (name, text, most) => {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number <= most) return number;
  throw new Error(`--${name} takes a whole number, 0 to ${most}; this is '${text}'.`);
};

const sentenceOf = (error, { host, port }) => {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is taken by another program. Choose another: npm run simulator -- --port ${port + 1}, or 0 for any free one.`;
  if (error.code === 'EACCES' && error.syscall === 'listen')
    return `Port ${port} may not be used by this user. Choose one above 1023.`;
  if (['EADDRNOTAVAIL', 'ENOTFOUND'].includes(error.code)) return `This machine has no address ${host}.`;
  return error.message;
};

/** For lines that are pasted into a shell. */
const quoted = (path) => (/^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`);

/** What is kept nowhere still has to be trusted: the file goes when the simulator goes. */
const writeCa = (pem) => {
  const directory = scratchDirectory('simulator');
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, pem);
  return file;
};

const endOnSignals = (simulator) => {
  const stop = async () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    console.log('\nstopping…');
    await simulator.close();
    process.exit();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
};

await main().catch(failPlainly);
