// A process of its own: asks the same thing over connections that it keeps, each as soon as it was answered.
import { Agent, request } from 'node:http';
import { quantile } from '../lib/statistics.mjs';

process.once('disconnect', () => process.exit());

const agents = new Map();
const agentOf = (origin, connections) => {
  if (!agents.has(origin)) agents.set(origin, new Agent({ keepAlive: true, maxSockets: connections }));
  return agents.get(origin);
};

const get = (url, options) =>
  new Promise((done, fail) => {
    const sent = request(url, options, (answer) => {
      answer.resume();
      answer.on('error', fail);
      answer.on('end', () =>
        answer.statusCode === 200 ? done() : fail(new Error(`${url.pathname}: ${answer.statusCode}`)),
      );
    });
    sent.on('error', fail);
    sent.end();
  });

const run = async ({ url: address, token, connections, ms }) => {
  const url = new URL(address);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const options = { agent: agentOf(url.origin, connections), headers };
  const began = performance.now();
  const took = [];
  const keepAsking = async () => {
    while (performance.now() - began < ms) {
      const from = performance.now();
      await get(url, options);
      took.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, keepAsking));
  const perSecond = (took.length * 1_000) / (performance.now() - began);
  return { requests: took.length, perSecond, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
};

process.on('message', (order) => {
  run(order).then(
    (told) => process.send(told),
    (error) => process.send({ error: error.message }),
  );
});
