// The network between a process and one of its servers, for fault tests: a TCP proxy that passes everything on, refuses, goes
// silent, is slow, or cuts every connection.
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Listens on a free loopback port.
 * @param {{ host?: string, port: number }} target
 * @returns `port`, `become(state)` and `close()`. States: `pass`; `refuse`: nobody listens; `silent`: connections are accepted
 *   and nothing is ever passed on; `slow`: each piece is passed on 200 ms later; and two after which it is as before: `cut`,
 *   every connection is reset once; `stale`, every connection that is there goes silent for good, as when a firewall forgot it.
 */
export const startTcpProxy = async ({ host = '127.0.0.1', port: targetPort }) => {
  const pairs = new Set();
  const forgotten = new Set();
  let state = 'pass';
  let port = 0;
  let server = null;

  const accept = (client) => {
    const upstream = connect({ host, port: targetPort });
    const pair = { client, upstream };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      forgotten.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on('error', end);
      from.on('close', end);
      from.on('data', (piece) => passOn(from, to, piece));
      if (state === 'silent') from.pause();
    }
  };

  const passOn = async (from, to, piece) => {
    if (state === 'slow') {
      from.pause();
      await delay(200);
      if (state !== 'silent') from.resume();
    }
    if (to.writable) to.write(piece);
  };

  const forget = () => {
    for (const pair of pairs) {
      pair.client.pause();
      pair.upstream.pause();
      forgotten.add(pair);
      pairs.delete(pair);
    }
  };

  const listen = () =>
    new Promise((done, fail) => {
      server = createServer(accept).once('error', fail);
      server.listen(port, '127.0.0.1', () => {
        port = server.address().port;
        done();
      });
    });

  const cut = (some = pairs) => {
    for (const { client, upstream } of some) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  };

  const refuse = async () => {
    const closed = new Promise((done) => server.close(done));
    cut();
    cut(forgotten);
    await closed;
    server = null;
  };

  await listen();
  return {
    port,
    become: async (next) => {
      if (next === 'cut') return cut();
      if (next === 'stale') return forget();
      state = next;
      if (next === 'refuse') return server && refuse();
      if (server === null) await listen();
      for (const { client, upstream } of pairs)
        for (const socket of [client, upstream]) next === 'silent' ? socket.pause() : socket.resume();
    },
    close: async () => {
      if (server) await refuse();
    },
  };
};
