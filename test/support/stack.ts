import { execFile, fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { CurfewApi } from './stack-api.js';
import { connectSimulator, type SimulatorClient } from './simulator.js';

const root = resolve(__dirname, '../..');
const run = promisify(execFile);

export type StackProcess = 'api' | 'worker' | 'revoker' | 'simulator';
/**
 * What lies between Curfew's processes and a server of theirs; `cut` and `stale` happen once, the others stay. `stale`: whatever
 * is connected by then hears nothing ever again and is not told so; what connects later is as before.
 */
export type NetworkState = 'pass' | 'refuse' | 'silent' | 'slow' | 'cut' | 'stale';

export interface StackShape {
  /** The queue on a Redis of its own instead of PostgreSQL. */
  readonly redis?: boolean;
  /** The processes reach database and queue through proxies (see `network`). */
  readonly proxied?: boolean;
}

interface Ready {
  readonly directory: string;
  readonly api: string;
  readonly simulator: { readonly url: string; readonly caPem: string };
  /** A superuser's, of Curfew's database. */
  readonly adminUrl: string;
  /** The processes' variables, with the true addresses of their servers. */
  readonly settings: Record<string, string>;
}

interface Message {
  readonly id?: number;
  readonly failure?: string;
  readonly running?: boolean;
  readonly ready?: Ready;
}

/** Everything that `npm start` runs, on free ports and data of its own. */
export class TestStack {
  readonly simulator: SimulatorClient;
  readonly directory: string;
  private lastCommand = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly ready: Ready,
  ) {
    this.directory = ready.directory;
    this.simulator = connectSimulator(ready.simulator);
  }

  /** `environment` is added to that of API, worker and revoker. */
  static async start(environment: Record<string, string> = {}, shape: StackShape = {}): Promise<TestStack> {
    const wish = JSON.stringify({ environment, ...shape });
    const child = fork(resolve(__dirname, 'stack-process.mjs'), [wish], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Jest's own conditions would resolve the product's libs to their sources.
      execArgv: [],
    });
    const { ready } = await answerOf(child, (message) => message.ready !== undefined);
    if (ready === undefined) throw new Error('The stack did not say where it is.');
    return new TestStack(child, ready);
  }

  /** `patienceMs`: how long it waits for an answer at the most. */
  api(token: string, patienceMs?: number): CurfewApi {
    return new CurfewApi(this.ready.api, token, patienceMs);
  }

  /** Curfew's console; answers what it printed. */
  async console(...args: readonly string[]): Promise<string> {
    const main = resolve(root, 'dist/apps/api/src/console/main.js');
    const env = { ...process.env, ...this.ready.settings };
    const { stdout } = await run(process.execPath, [main, ...args], { env });
    return stdout.trim();
  }

  /** The variables that its processes were started with; addresses are the true ones, past any proxy. */
  get environment(): Readonly<Record<string, string>> {
    return this.ready.settings;
  }

  /** The console, knowing nothing of the environment but these variables; answers however it ends. */
  async consoleKnowing(
    variables: readonly string[],
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const main = resolve(root, 'dist/apps/api/src/console/main.js');
    const known = Object.entries(this.ready.settings).filter(([name]) => variables.includes(name));
    const env = { PATH: process.env['PATH'], ...Object.fromEntries(known) };
    return new Promise((done) => {
      execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
  }

  /** Work on Curfew's database as its superuser, past every rule of the product. */
  async database<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.ready.adminUrl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Kill -9; answers when it is dead. */
  async kill(name: StackProcess): Promise<void> {
    await this.send({ command: 'kill', name });
  }

  /** Answers when it is ready. With `environment`, from now on with that in addition. */
  async start(name: StackProcess, environment?: Record<string, string>): Promise<void> {
    await this.send({ command: 'start', name, environment });
  }

  /** Whether it runs, or is frozen: neither killed nor ended by itself. */
  async isRunning(name: StackProcess): Promise<boolean> {
    return (await this.send({ command: 'running', name })).running === true;
  }

  /** Freezes it where it is, as a machine that is put to sleep. */
  async pause(name: StackProcess): Promise<void> {
    await this.send({ command: 'signal', name, signal: 'SIGSTOP' });
  }

  async resume(name: StackProcess): Promise<void> {
    await this.send({ command: 'signal', name, signal: 'SIGCONT' });
  }

  /** Needs a stack that is `proxied`. */
  async network(name: 'database' | 'queue', state: NetworkState): Promise<void> {
    await this.send({ command: 'network', name, state });
  }

  /** PostgreSQL dies at once (an immediate shutdown), or comes back on the same data and address; or it is frozen, and goes on. */
  async postgres(what: 'crash' | 'restart' | 'pause' | 'resume'): Promise<void> {
    await this.send({ command: 'postgres', name: what });
  }

  /** Needs a stack on `redis`; its data stays. `keep` copies what is in it, and `rewind` brings it back as it was then. */
  async redis(what: 'stop' | 'start' | 'keep' | 'rewind'): Promise<void> {
    await this.send({ command: 'redis', name: what });
  }

  async stop(): Promise<void> {
    this.simulator.close();
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.send({ command: 'stop' });
    await gone;
  }

  private async send(command: object): Promise<Message> {
    this.lastCommand += 1;
    const id = this.lastCommand;
    this.process.send({ id, ...command });
    return answerOf(this.process, (message) => message.id === id);
  }
}

const answerOf = (child: ChildProcess, isIt: (message: Message) => boolean): Promise<Message> =>
  new Promise((done, fail) => {
    const end = (finish: () => void): void => {
      child.off('message', listen);
      child.off('exit', gone);
      finish();
    };
    const listen = (message: Message): void => {
      const isOurs = isIt(message) || message.id === undefined;
      if (isOurs && message.failure !== undefined) end(() => fail(new Error(message.failure)));
      else if (isIt(message)) end(() => done(message));
    };
    const gone = (code: number | null): void => end(() => fail(new Error(`The stack ended (${code}).`)));
    child.on('message', listen);
    child.once('exit', gone);
  });
