import { DirectoryError, type DirectoryErrorReason } from '#core/accounts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { AdvanceCanaries } from './advance-canaries.js';
import { RereadTakeBack } from './reread-take-back.js';
import { startCanaries } from './start-canaries.js';
import type { TakeBackProof } from './take-back.js';

/** A customer at which admin roles are proven. */
const proven = async () => {
  const on = await ConvergenceWorld.create();
  const { organizationId, customerId } = on.customer;
  const canaries = new AdvanceCanaries(on);
  const connection = () =>
    on.unitOfWork.inOrganization(organizationId, async ({ connections }) => {
      const found = await connections.ofCustomer(customerId);
      if (found === null) throw new Error('Not connected.');
      return found;
    });
  const proof = (): TakeBackProof => {
    const [known] = on.unitOfWork.peek().takeBack;
    if (known === undefined) throw new Error('No proof.');
    return known;
  };
  const wish = { tiers: ['admin'], actor: { kind: 'console' }, now: on.clock.now() } as const;
  const known = await connection();
  await on.unitOfWork.inOrganization(organizationId, (stores) =>
    startCanaries(stores, { ...wish, connection: known }, on),
  );
  const carryOn = async (seconds: number) => {
    for (let n = 0; n < seconds; n += 1) {
      await canaries.execute((_customer, error) => {
        throw error;
      });
      await on.pass(SECOND);
    }
  };
  await carryOn(20);
  const days = async (count: number) => {
    on.clock.advance(count * 24 * HOUR);
    await on.compare();
  };
  const told = () =>
    on.unitOfWork
      .peek()
      .audit.map(({ action }) => action)
      .filter((each) => each.startsWith('take_back'));
  return { carryOn, connection, days, on, proof, told };
};

describe('What take-back needs', () => {
  it('is read again once a day, and nothing is told while it is there', async () => {
    const { days, on, proof, told } = await proven();
    const { rereadAt } = proof();
    await on.compare();
    expect(proof().rereadAt).toBe(rereadAt);

    await days(1);
    expect(proof()).toMatchObject({ verdict: 'proven', rereadAt: expect.any(Number) as number });
    expect(proof().rereadAt).toBeGreaterThan(on.clock.now() + 19 * HOUR);
    expect(told()).toEqual(['take_back.started', 'take_back.proven']);
  });

  it('is lost with the directory role, which Curfew learns, and found again and proven anew with it', async () => {
    const { carryOn, connection, days, on, proof, told } = await proven();
    on.tenant.mayTouchRoleHolders = false;
    await days(1);
    expect(proof()).toMatchObject({
      verdict: 'lost',
      cause: {
        code: 'directory.directory_role_missing',
        mend: expect.stringContaining('Privileged') as string,
      },
    });
    expect((await connection()).capabilities.mayTouchRoleHolders).toBe(false);
    on.clock.advance(5 * MINUTE);
    await on.compare();
    expect(proof().verdict).toBe('lost');

    on.tenant.mayTouchRoleHolders = true;
    on.clock.advance(5 * MINUTE);
    await on.compare();
    expect(proof()).toMatchObject({ verdict: 'lost', run: { canaries: [{}, {}] } });
    await carryOn(20);
    expect(proof()).toMatchObject({ verdict: 'proven', cause: null });
    expect(told().slice(2)).toEqual([
      'take_back.lost',
      'take_back.found_again',
      'take_back.started',
      'take_back.proven',
    ]);
  });

  it('is lost when the app is let in no more, and not when Entra is away', async () => {
    const { connection, on, proof } = await proven();
    const reread = async (reason: DirectoryErrorReason) => {
      on.clock.advance(24 * HOUR);
      const refused = { retry: 'later', workload: 'sign-in', status: null, code: null } as const;
      const error = new DirectoryError(reason, 'told', {
        ...refused,
        retryAfterSeconds: null,
        requestId: null,
      });
      const ports = { ...on, directory: { inspect: () => Promise.reject(error) } };
      await new RereadTakeBack(ports).execute(on.customer, await connection(), () => Promise.resolve(true));
    };
    await reread('unanswered');
    expect(proof().verdict).toBe('proven');

    await reread('credential_bad');
    expect(proof()).toMatchObject({ verdict: 'lost', cause: { code: 'directory.credential_bad' } });
  });
});
