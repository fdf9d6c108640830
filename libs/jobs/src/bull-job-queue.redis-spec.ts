import { describeJobQueue } from '#core/testing';
import { testRedisUrl } from '../../../test/support/redis.js';
import { BullWorld } from './testing/bull-world.js';

jest.setTimeout(60_000);

describeJobQueue('BullMQ on Redis', () => BullWorld.open(testRedisUrl()));
