import fc from 'fast-check';
import { certificateName, LONGEST_NAME } from './certificate-name.js';

describe('certificateName', () => {
  it('names the customer', () => {
    expect(certificateName('Müller & Co')).toBe('Curfew for Müller & Co');
  });

  it.each([
    ['an emoji on the border stays whole', `${'x'.repeat(52)}🏥 clinic`, `${'x'.repeat(52)}🏥`],
    ['one beyond it goes whole', `${'x'.repeat(53)}🏥 clinic`, 'x'.repeat(53)],
    ['one of several characters goes with all of them', `${'x'.repeat(51)}👩‍⚕️ clinic`, 'x'.repeat(51)],
    ['an accent goes with its letter', `${'x'.repeat(52)}e\u0301 clinic`, 'x'.repeat(52)],
    ['half an emoji is shown as what it is', 'Cont\ud83doso', 'Cont\u{fffd}oso'],
  ])('%s', (_, customer, kept) => {
    expect(certificateName(customer)).toBe(`Curfew for ${kept}`);
  });

  it('is well-formed and never too long, whatever the customer is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (customer) => {
        const name = certificateName(customer);

        expect(() => encodeURIComponent(name)).not.toThrow();
        expect([...name].length).toBeLessThanOrEqual(LONGEST_NAME);
        expect(name).toMatch(/^Curfew for/);
      }),
    );
  });
});
