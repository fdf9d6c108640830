import { DomainError } from '#core/shared';
import { isRetryable, refusalOf } from './refusals.js';

/** As Prisma throws it from the generated client. */
const wrapped = (cause: object, code = 'P2002'): Error =>
  Object.assign(new Error('Invalid invocation'), { code, meta: { driverAdapterError: { cause } } });
/** As the driver's adapter throws it. */
const bare = (cause: object): Error => Object.assign(new Error('DriverAdapterError'), { cause });

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
    for (const error of [wrapped(violated(constraint)), bare(violated(constraint, '23503'))]) {
      expect(refusalOf(error)).toMatchObject({ code, details: {} });
    }
  });

  it('stays as it is when it means nothing to the domain', () => {
    const errors = [wrapped(violated('customer_pkey')), new Error('a bug'), 'thrown text', null];

    expect(errors.map(refusalOf)).toEqual(errors);
  });

  it.each([
    wrapped({}, 'P2024'),
    wrapped({}, 'P1001'),
    bare({ kind: 'DatabaseNotReachable' }),
    bare({ originalCode: '57P01' }),
    bare({ originalCode: '57014' }),
    bare({ originalCode: '08006' }),
  ])('because it is away is said to be so, with the cause', (error) => {
    const refusal = refusalOf(error);

    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({ code: 'database.unavailable', cause: error });
  });

  it.each([
    [wrapped({}, 'P2034'), true],
    [bare({ originalCode: '40P01' }), true],
    [wrapped({ originalCode: '40001' }, 'P2010'), true],
    [wrapped(violated('customer_pkey')), false],
    [new Error('a bug'), false],
  ])('is tried again after a conflict between transactions and else never (%#)', (error, again) => {
    expect(isRetryable(error)).toBe(again);
  });
});
