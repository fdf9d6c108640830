import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy before a server, by which that server can be taken away and brought back, or made silent. */
export class ServerProxy {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  #silent = false;

  private constructor(target: URL) {
    this.#target = target;
  }

  static async before(url: string): Promise<ServerProxy> {
    const proxy = new ServerProxy(new URL(url));
    await proxy.up();
    return proxy;
  }

  /** The server's URL by way of this proxy. */
  get url(): string {
    const through = new URL(this.#target);
    through.hostname = '127.0.0.1';
    through.port = String(this.#port);
    return through.href;
  }

  async up(): Promise<void> {
    this.#silent = false;
    for (const socket of this.#sockets) socket.resume();
    if (this.#server !== null) return;
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Cuts what is connected and refuses what comes. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Keeps what is connected, takes what comes, and lets nothing through. */
  silence(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    this.#forward(client, server);
    this.#forward(server, client);
  }

  #forward(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#silent) from.pause();
  }
}
