import { DomainError } from '#core/shared';
import { answered, isRetryable, refusalOf } from './refusals.js';

/** As Prisma throws it from the generated client. */
const wrapped = (cause: object, code = 'P2002'): Error =>
  Object.assign(new Error('Invalid invocation'), { code, meta: { driverAdapterError: { cause } } });
/** As the driver's adapter throws it. */
const bare = (cause: object): Error => Object.assign(new Error('DriverAdapterError'), { cause });

/** As Prisma throws it where nobody but itself has said anything. */
const prisma = (code: string, message: string): Error => Object.assign(new Error(message), { code });
const EXPIRED = 'A query cannot be executed on an expired transaction. The timeout for this was 15000 ms.';

const violated = (constraint: string, originalCode = '23505') => ({
  originalCode,
  originalMessage: `duplicate key value violates unique constraint "${constraint}"`,
});

describe('what the database refuses', () => {
  it.each([
    ['managed_account_one_jit', 'account.exists'],
    ['managed_account_organization_id_customer_id_upn_key', 'account.exists'],
    ['technician_organization_id_username_key', 'technician.exists'],
    ['doorway_key_pkey', 'organization.exists'],
    ['managed_account_organization_id_customer_id_fkey', 'customer.not_found'],
    ['access_grant_organization_id_policy_id_fkey', 'access_policy.not_found'],
    ['access_request_organization_id_grant_id_fkey', 'grant.not_found'],
    ['access_grant_organization_id_request_id_fkey', 'access_request.not_found'],
    ['api_token_organization_id_technician_id_fkey', 'technician.not_found'],
    ['customer_organization_id_fkey', 'organization.not_found'],
  ])('for %s is %s, without any detail of the row', (constraint, code) => {
    for (const error of [
      wrapped(violated(constraint)),
      bare(violated(constraint, '23503')),
      bare(violated(constraint, '23001')),
    ]) {
      expect(refusalOf(error)).toMatchObject({ code, details: {} });
    }
  });

  it('stays as it is when it means nothing to the domain', () => {
    const errors = [wrapped(violated('customer_pkey')), new Error('a bug'), 'thrown text', null];

    expect(errors.map(refusalOf)).toEqual(errors);
  });

  it('for one bad block says nothing of all others', () => {
    const error = bare({ originalCode: '58030' });

    expect(refusalOf(error)).toBe(error);
  });

  it.each(['53100', '25006'])('for want of a disk to write on (%s) is said to be so', (originalCode) => {
    for (const error of [wrapped({ originalCode }, 'P2010'), bare({ originalCode })])
      expect(refusalOf(error)).toMatchObject({ code: 'database.unwritable', cause: error });
  });

  it.each([
    wrapped({}, 'P2024'),
    wrapped({}, 'P1001'),
    bare({ kind: 'DatabaseNotReachable' }),
    bare({ originalCode: '57P01' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout exceeded when trying to connect'),
    prisma('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:5432'),
    prisma('P2028', 'Transaction API error: Unable to start a transaction in the given time.'),
    bare({ originalCode: '08006' }),
  ])('because it is away is said to be so, with the cause', (error) => {
    const refusal = refusalOf(error);

    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({ code: 'database.unavailable', cause: error });
  });

  it.each([
    ['database.timed_out', bare({ originalCode: '57014' })],
    ['database.timed_out', wrapped({ originalCode: '57014' }, 'P2010')],
    ['database.timed_out', bare({ originalCode: '25P03' })],
    ['database.locked', bare({ originalCode: '55P03' })],
  ])(
    'because it was stopped in time is %s, and nobody asks whether the database is there',
    async (code, error) => {
      const answers = () => Promise.reject(new Error('asked'));

      const refusal = answered(() => Promise.reject(error), answers);

      await expect(refusal).rejects.toMatchObject({ code, kind: 'unavailable', cause: error });
    },
  );

  it.each([
    prisma('P2028', `Transaction API error: ${EXPIRED}`),
    prisma('P1008', 'Operations timed out'),
    bare({ kind: 'SocketTimeout' }),
    new Error('Query read timeout'),
  ])(
    'because nobody answered in time is only believed to be an absence when nobody answers at all',
    async (error) => {
      const asked = (isThere: boolean) =>
        answered(
          () => Promise.reject(error),
          () => Promise.resolve(isThere),
        );

      await expect(asked(true)).rejects.toMatchObject({ code: 'database.timed_out', cause: error });
      await expect(asked(false)).rejects.toMatchObject({ code: 'database.unavailable', cause: error });
    },
  );

  it('is settled once, however often it is looked at', async () => {
    const error = prisma('P2028', EXPIRED);
    const once = refusalOf(error);
    const again = () =>
      Promise.resolve().then((): never => {
        throw once;
      });

    expect(refusalOf(once)).toBe(once);
    const settled = answered(again, () => Promise.resolve(false));
    await expect(settled).rejects.toMatchObject({ code: 'database.unavailable', cause: error });
  });

  it.each([
    [wrapped({}, 'P2034'), true],
    [bare({ originalCode: '40P01' }), true],
    [wrapped({ originalCode: '40001' }, 'P2010'), true],
    [bare({ originalCode: '26000' }), true],
    [wrapped({ originalCode: '42P05' }, 'P2010'), true],
    [bare({ originalCode: '0A000', originalMessage: 'cached plan must not change result type' }), true],
    [bare({ originalCode: '0A000', originalMessage: 'not implemented' }), false],
    [wrapped(violated('customer_pkey')), false],
    [new Error('a bug'), false],
  ])('is tried again after a conflict between transactions and else never (%#)', (error, again) => {
    expect(isRetryable(error)).toBe(again);
  });
});
