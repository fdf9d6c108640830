// Starts PostgreSQL for a launcher and stops it when the launcher is gone, however that came about: the launcher itself
// can't do anything any more after a kill -9. Forked by guarded-postgres.mjs; everything is said over IPC.
import { identityOf, runs } from './processes.mjs';
import { startPostgres } from './embedded-postgres.mjs';

const WATCH_MS = 500;
const say = (message) => process.connected && process.send(message);
let server = null;
let ending = false;

const end = async () => {
  if (ending) return;
  ending = true;
  await server?.stop().catch((error) => say({ log: error.message }));
  process.exit(0);
};

process.on('disconnect', end);
process.on('SIGTERM', end);

const { dataDir, settings } = JSON.parse(process.argv[2]);
try {
  server = await startPostgres({ dataDir, settings, log: (log) => say({ log }) });
} catch (error) {
  say({ failure: error.message });
  process.exit(1);
}
// The launcher may have died meanwhile, when there was no server to stop yet.
if (!process.connected) await end();
say({ ready: { adminUrl: server.adminUrl('postgres'), home: server.home, pid: server.pid } });

let postgres = identityOf(server.pid);
let crashed = false;

/** A crash on purpose, and a start on the same data and port when it is asked for. */
process.on('message', async ({ command }) => {
  try {
    if (command === 'crash') {
      crashed = true;
      await server.crash();
    } else {
      server = await startPostgres({ dataDir, settings: { ...settings, port: server.port }, log: () => {} });
      postgres = identityOf(server.pid);
      crashed = false;
    }
    say({ done: command });
  } catch (error) {
    say({ done: command, failure: error.message });
  }
});

setInterval(() => {
  if (crashed || runs(postgres) || ending) return;
  ending = true;
  say({ lost: true });
  process.exit(1);
}, WATCH_MS);
