import type { Instant, KeyHolder, KeyHolders } from '#core/shared';
import type { PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import { answered, type Probe } from './refusals.js';

/** Who is silent for longer is gone, and was missed by everybody who had to wait for it. */
const FORGOTTEN = '1 day';
/** More processes than any deployment has. */
const MOST_HOLDERS = 1_000;

/** What each process says of its keys, for the role of the sweeps. */
export class PrismaKeyHolders implements KeyHolders {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly answers: Probe,
  ) {}

  async report({ instance, sealing, readable, at }: KeyHolder): Promise<void> {
    await answered(
      () => this.prisma.$executeRaw`
        INSERT INTO key_holder (instance, sealing, readable, at)
        VALUES (${instance}, ${sealing}, ${[...readable]}::text[], ${isoOf(at)}::timestamptz)
        ON CONFLICT (instance) DO UPDATE
           SET sealing = excluded.sealing, readable = excluded.readable, at = excluded.at`,
      this.answers,
    );
  }

  async farewell(instance: string): Promise<void> {
    await answered(
      () => this.prisma.$executeRaw`DELETE FROM key_holder WHERE instance = ${instance}`,
      this.answers,
    );
  }

  since(at: Instant): Promise<readonly KeyHolder[]> {
    return answered(async () => {
      await this.prisma.$executeRaw`
        DELETE FROM key_holder WHERE at < ${isoOf(at)}::timestamptz - ${FORGOTTEN}::interval`;
      return this.prisma.$queryRaw<KeyHolder[]>`
        SELECT instance, sealing, readable, (extract(epoch FROM at) * 1000)::float8 AS at
          FROM key_holder WHERE at >= ${isoOf(at)}::timestamptz ORDER BY instance LIMIT ${MOST_HOLDERS}`;
    }, this.answers);
  }
}
