import { Redis } from 'ioredis';

/** A connection for as long as the work takes; while Redis is away it is tried again. */
export const onRedis = async ({ url }, work) => {
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
};
