import type { Certificates, KeyedCertificate } from '../access/index.js';
import { Secret } from '../shared/index.js';

/** What a test needs to see of an implementation. */
export interface CertificatesWorld {
  readonly certificates: Certificates;
  /** A PFX in base64 that holds it. */
  pfxOf(keyed: KeyedCertificate, password: string): string;
}

const WISH = {
  commonName: 'Curfew, for "Müller & Co", OU=x',
  startsAt: Date.UTC(2026, 0, 5),
  endsAt: Date.UTC(2027, 0, 5),
};

/** What every `Certificates` promises: run by the spec of each implementation. */
export const describeCertificates = (name: string, create: () => CertificatesWorld): void => {
  describe(`${name} keeps the contract of Certificates`, () => {
    const world = create();
    const { certificates } = world;

    it('makes one for as long as it is asked to, by a name that stays one name', async () => {
      const { facts } = await certificates.make(WISH);

      const { startsAt, endsAt } = WISH;
      expect(facts).toMatchObject({ startsAt, endsAt, key: { kind: 'rsa' } });
      expect(facts.key.bits).toBeGreaterThanOrEqual(2_048);
      expect(facts.thumbprint).toMatch(/^[\dA-F]{40}$/);
      expect(facts.thumbprintSha256).toMatch(/^[\dA-F]{64}$/);
      expect(facts.subject).toMatch(/^CN=Curfew[^\n]*Müller & Co[^\n]*OU=x$/);
    });

    it('makes one by a name of any whole characters, and by none with half of one', async () => {
      const { facts } = await certificates.make({ ...WISH, commonName: 'Curfew for 🏥 Zoë' });

      expect(facts.subject).toBe('CN=Curfew for 🏥 Zoë');
      await expect(certificates.make({ ...WISH, commonName: 'Curfew for \ud83c' })).rejects.toThrow();
    });

    it('never makes the same one twice', async () => {
      const [one, other] = [await certificates.make(WISH), await certificates.make(WISH)];

      expect(one.facts.thumbprint).not.toBe(other.facts.thumbprint);
      expect(one.pem.expose()).not.toBe(other.pem.expose());
    });

    it('reads what it made, and the public part holds no key', async () => {
      const made = await certificates.make(WISH);

      expect((await certificates.readPem(made.pem)).facts).toEqual(made.facts);
      await expect(certificates.readPem(new Secret(made.certificate))).rejects.toMatchObject({
        code: 'certificate.key_missing',
      });
    });

    it('reads a PFX with its password, and with no other', async () => {
      const made = await certificates.make(WISH);
      const file = new Secret(world.pfxOf(made, 'Zürich'));

      expect((await certificates.readPfx(file, new Secret('Zürich'))).facts).toEqual(made.facts);
      for (const other of ['zürich', '', 'Zurich'])
        await expect(certificates.readPfx(file, new Secret(other))).rejects.toMatchObject({
          code: 'certificate.password_wrong',
        });
    });

    it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
      'refuses %j, whatever it is called',
      async (text) => {
        const none = new Secret('');

        await expect(certificates.readPem(new Secret(text))).rejects.toMatchObject({
          code: 'certificate.unreadable',
        });
        await expect(certificates.readPfx(new Secret(text), none)).rejects.toMatchObject({
          code: 'certificate.pfx_unreadable',
        });
      },
    );
  });
};
