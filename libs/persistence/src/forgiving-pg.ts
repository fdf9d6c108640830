import { PrismaPg } from '@prisma/adapter-pg';

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;
type Transaction = Awaited<ReturnType<Adapter['startTransaction']>>;

/** What stands behind a transaction: the driver's own connection, out of its pool. */
interface Borrowed {
  readonly client: { release(isBroken?: boolean): void };
}

/**
 * The driver, with rollbacks that can't fail. Prisma sends one by a timer of its own when a transaction has lasted too long,
 * and nobody awaits it: on a session that PostgreSQL has ended meanwhile (after a sleep, a failover, a minute of silence) its
 * failure would end the process, and with the revoker its memory of what is to end. What nobody commits PostgreSQL rolls back by
 * itself when the session is over; so the connection is thrown away, and nothing is lost.
 */
export class ForgivingPg extends PrismaPg {
  override async connect(): Promise<Adapter> {
    const adapter = await super.connect();
    const start = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolation) => forgiving(await start(isolation));
    return adapter;
  }
}

const forgiving = (transaction: Transaction): Transaction => {
  const execute = transaction.executeRaw.bind(transaction);
  transaction.executeRaw = async (query) => {
    if (query.sql !== 'ROLLBACK') return execute(query);
    try {
      return await execute(query);
    } catch {
      breakOf(transaction);
      return 0;
    }
  };
  return transaction;
};

/** Given back it would be borrowed again, perhaps in the middle of what was not rolled back. */
const breakOf = (transaction: Transaction): void => {
  const { client } = transaction as unknown as Borrowed;
  const release = client.release.bind(client);
  client.release = () => release(true);
};
