export { openDatabase, type Database, type DatabaseOptions } from './database.js';
export { DatabaseClock, type MachineClocks } from './database-clock.js';
export { UnreadableRowError } from './reading.js';
