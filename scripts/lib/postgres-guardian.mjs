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

const postgres = identityOf(server.pid);
setInterval(() => {
  if (runs(postgres) || ending) return;
  ending = true;
  say({ lost: true });
  process.exit(1);
}, WATCH_MS);
