import { randomUUID } from 'node:crypto';
import { Secret } from '#core/shared';
import { describeJobQueue } from '#core/testing';
import { testRedisUrl } from '../../../test/support/redis.js';
import type { QueueConnection } from './queue-server.js';
import { BullWorld } from './testing/bull-world.js';
import { describeOutage } from './testing/outage.contract.js';

jest.setTimeout(60_000);

const aConnection = (): QueueConnection => ({
  url: new Secret(testRedisUrl()),
  namespace: `test-${randomUUID()}`,
});

describeJobQueue('BullMQ on Redis', () => BullWorld.open(aConnection()));
describeOutage('BullMQ on Redis', () =>
  Promise.resolve({ connection: aConnection(), dispose: () => Promise.resolve() }),
);
