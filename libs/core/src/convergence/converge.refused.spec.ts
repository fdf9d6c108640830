import { idOf, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, GLOBAL_ADMIN, HELPDESK, READER } from '../testing/convergence-world.js';

describe('Converge, where an account with a role cannot be disabled', () => {
  it.each([
    ['is read at once', 0],
    ['is read seconds after it was written', 8 * SECOND],
    ['is read a minute after it was written', MINUTE],
  ])(
    'takes the role that refuses the end and that no row knows, when what is there %s',
    async (_what, lagMs) => {
      const world = await ConvergenceWorld.create({ mayTouchRoleHolders: false, lagMs });
      const id = await world.grant({ roles: [READER], groups: [HELPDESK], lastsMs: 10 * MINUTE });
      await world.pass(8 * MINUTE);
      const byHand = { roleId: idOf<'entra role'>(GLOBAL_ADMIN), assignmentId: 'by hand', scope: '/' };
      world.tenant.inPortal(world.upn(), { assignments: [...(world.user()?.assignments ?? []), byHand] });

      await world.pass(8 * MINUTE);

      expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
      await world.pass(5 * MINUTE);
      expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
      expect(world.accountRow().failure).toBeNull();
    },
  );
});
