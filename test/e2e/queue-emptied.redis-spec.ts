import { Redis } from 'ioredis';
import { describeEmptiedQueue } from '../support/queue-emptied.contract.js';
import { testRedisUrl } from '../support/redis.js';

describeEmptiedQueue('Redis', () => {
  const url = testRedisUrl();
  const redis = new Redis(url, { lazyConnect: true });
  return Promise.resolve({
    environment: { QUEUE_URL: url },
    empty: async () => void (await redis.flushall()),
    armed: () => redis.zcard('bull:convergence:delayed'),
    close: async () => void (await redis.quit()),
  });
});
