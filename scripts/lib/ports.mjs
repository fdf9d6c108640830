import { createServer } from 'node:net';

const listenOn = (port) =>
  new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done({ error }));
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address();
      server.close(() => done({ port: taken }));
    });
  });

/** The port of last time when it is still free, else any free one. */
export const freePort = async (lastTime = 0) => {
  const { port } = await listenOn(lastTime);
  return port ?? (await listenOn(0)).port;
};

/** A port that somebody asked for by a variable: that one or none. */
export const wantedPort = async (variable, text) => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`${variable} must be a port, 0 to 65535.`);
  const { error } = await listenOn(port);
  if (!error) return port;
  const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : `can't be used (${error.code})`;
  throw new Error(
    `Port ${port} ${why}. Set ${variable} to another one, or unset it and a free one is chosen` +
      ` (who has it: ss -ltnp 'sport = :${port}').`,
  );
};
