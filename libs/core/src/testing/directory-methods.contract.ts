import { type DirectoryCall } from '#core/accounts';
import { DirectoryBench } from './directory-bench.contract.js';
import { mintedBy, type MakeWorld, type PlantedMethod } from './directory-world.contract.js';

/** What the port promises of passes and other ways to sign in. */
export const methodsContract = (name: string, makeWorld: MakeWorld): void => {
  describe(`${name} knows methods`, () => {
    const bench = new DirectoryBench(makeWorld);
    const { enter, ask, refusal, make } = bench;

    afterEach(() => bench.leave());

    describe('passes and other methods', () => {
      it('mints a pass that replaces the one before, lists it without the password, and deletes it', async () => {
        await enter();
        const id = await make();
        const mint: DirectoryCall = { do: 'mintPass', user: id, lifetimeMinutes: 60, usableOnce: false };

        const first = mintedBy(await ask(mint));
        const second = mintedBy(await ask(mint));
        const listed = await ask({ do: 'listMethods', user: id });

        expect(second.pass.expose()).not.toBe('');
        expect(second).toMatchObject({ usable: true, expiresAt: expect.any(Number) as number });
        expect(second.passId).not.toBe(first.passId);
        const method = { kind: 'temporaryAccessPass', id: second.passId } as const;
        expect(listed).toEqual({ did: 'listMethods', methods: [method] });
        expect(await ask({ do: 'deleteMethod', user: id, method })).toMatchObject({ already: false });
        expect(await ask({ do: 'listMethods', user: id })).toEqual({ did: 'listMethods', methods: [] });
      });

      it('tells that a pass will open nothing where passes are switched off', async () => {
        await enter({ passesOff: true });
        const id = await make();

        const minted = mintedBy(
          await ask({ do: 'mintPass', user: id, lifetimeMinutes: 60, usableOnce: false }),
        );

        expect(minted.usable).toBe(false);
      });

      it("refuses a lifetime outside the tenant's policy for good", async () => {
        await enter();
        const id = await make();

        expect(await refusal({ do: 'mintPass', user: id, lifetimeMinutes: 40_000, usableOnce: false })).toBe(
          'invalid never',
        );
      });

      it.each<PlantedMethod>(['fido2', 'softwareOath', 'phone', 'microsoftAuthenticator'])(
        'finds and removes what was registered meanwhile: %s',
        async (kind) => {
          await enter();
          const id = await make();
          await bench.world.addMethod(id, kind);

          const listed = await ask({ do: 'listMethods', user: id });

          const [method] = listed.did === 'listMethods' ? listed.methods : [];
          expect(method).toMatchObject({ kind });
          if (method === undefined) return;
          expect(await ask({ do: 'deleteMethod', user: id, method })).toEqual({
            did: 'deleteMethod',
            already: false,
          });
          expect(await ask({ do: 'listMethods', user: id })).toEqual({ did: 'listMethods', methods: [] });
        },
      );

      it('refuses what only the beta, or only Microsoft, could delete', async () => {
        await enter();
        const user = await make();

        for (const kind of ['hardwareOath', 'other'] as const) {
          expect(await refusal({ do: 'deleteMethod', user, method: { kind, id: 'k' } })).toBe(
            'invalid never',
          );
        }
      });
    });
  });
};
