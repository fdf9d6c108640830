import { accessErrors, certificateErrors } from '#core/access';
import { accountErrors, directoryErrors } from '#core/accounts';
import { grantErrors } from '#core/grants';
import { identityErrors } from '#core/identity';
import { defineErrors, DomainError, type ErrorDefinition } from './domain-error.js';
import { sharedErrors } from './shared.errors.js';

const errors = defineErrors({
  'door.locked': { kind: 'conflict', title: 'The door is locked.', remedy: 'Bring the key.' },
});

describe('a declared error', () => {
  it('carries its code, kind, title and remedy, and the facts of this refusal', () => {
    const refusal = errors.refuse('door.locked', { since: 'noon' });

    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({
      name: 'DomainError',
      code: 'door.locked',
      kind: 'conflict',
      message: 'The door is locked.',
      remedy: 'Bring the key.',
      details: { since: 'noon' },
    });
  });

  it('has no facts unless some are given', () => {
    expect(errors.refuse('door.locked').details).toEqual({});
  });
});

describe('the declared errors of all features', () => {
  const catalogues: readonly Readonly<Record<string, ErrorDefinition>>[] = [
    accessErrors.definitions,
    certificateErrors.definitions,
    accountErrors.definitions,
    directoryErrors.definitions,
    grantErrors.definitions,
    identityErrors.definitions,
    sharedErrors.definitions,
  ];
  const all = catalogues.flatMap((catalogue) => Object.entries(catalogue));

  it('are declared once each', () => {
    const codes = all.map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(all)('%s is a noun and a reason, told in plain sentences', (code, { title, remedy }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*[.…]$/);
  });
});
