import { randomUUID } from 'node:crypto';
import { Secret } from '#core/shared';
import { describeJobQueue } from '#core/testing';
import { testRedisUrl } from '../../../test/support/redis.js';
import { BullWorld } from './testing/bull-world.js';

jest.setTimeout(60_000);

const aWorld = (): Promise<BullWorld> =>
  BullWorld.open({ url: new Secret(testRedisUrl()), namespace: `test-${randomUUID()}` });

describeJobQueue('BullMQ on Redis', aWorld);
