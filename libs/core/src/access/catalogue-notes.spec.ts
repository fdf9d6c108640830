import { idOf } from '#core/shared';
import { fakeCatalogueGroup } from '../testing/fake-tenant-catalogue.js';
import { isUsableDomain, notesOnDomain, notesOnGroup, notesOnRole, notesOnUnit } from './catalogue-notes.js';

const allowed = { mayTouchRoleHolders: true, pass: null, timedRoles: false };
const lacking = { ...allowed, mayTouchRoleHolders: false };
const codes = (notes: readonly { readonly code: string }[]): readonly string[] =>
  notes.map(({ code }) => code);

describe('What follows when somebody chooses', () => {
  const domain = { name: 'acme.example', verified: true, managed: true, isDefault: true, initial: false };

  it.each([
    ['a verified, managed domain', {}, true, []],
    ["the tenant's own domain", { initial: true }, true, ['initial']],
    ['a federated domain', { managed: false }, false, ['federated']],
    ['a domain that is not verified', { verified: false }, false, ['unverified']],
    ['one that is neither', { verified: false, managed: false }, false, ['unverified', 'federated']],
  ])('%s', (...[, change, usable, notes]) => {
    expect(isUsableDomain({ ...domain, ...change })).toBe(usable);
    expect(codes(notesOnDomain({ ...domain, ...change }))).toEqual(notes);
  });

  it.each([
    ['an ordinary group', {}, []],
    ['a dynamic group', { dynamic: true, manageable: false }, ['dynamic']],
    ['a synced group', { synced: true, manageable: false }, ['synced']],
    ['a synced group with mail', { synced: true, mailEnabled: true, manageable: false }, ['synced']],
    ['a group for mail', { mailEnabled: true, manageable: false }, ['mail_only']],
    ['a Microsoft 365 group', { mailEnabled: true }, ['microsoft_365']],
    ['a role-assignable group', { roleAssignable: true }, ['role_assignable']],
  ])('%s', (...[, flags, notes]) => {
    expect(codes(notesOnGroup(fakeCatalogueGroup('Group', flags), allowed))).toEqual(notes);
  });

  it('a group is never said to be beyond reach without a reason, nor with one when it is not', () => {
    const flags = [true, false];
    const reasons = ['dynamic', 'synced', 'mail_only'];
    for (const dynamic of flags)
      for (const synced of flags)
        for (const mailEnabled of flags) {
          const manageable = !dynamic && !synced && !mailEnabled;
          const group = fakeCatalogueGroup('Group', { dynamic, synced, mailEnabled, manageable });
          const given = codes(notesOnGroup(group, allowed)).filter((code) => reasons.includes(code));
          expect(given.length > 0).toBe(!manageable);
        }
  });

  const role = {
    id: idOf<'entra role'>('r'),
    templateId: idOf<'entra role'>('r'),
    displayName: 'Role',
    builtIn: true,
    privileged: false,
  };

  it.each([
    ['an ordinary role', false, []],
    ['a privileged role', true, ['privileged']],
    ['a role of which nobody told us', null, ['privileged_unknown']],
  ])('%s', (...[, privileged, notes]) => {
    expect(codes(notesOnRole({ ...role, privileged }, allowed))).toEqual(notes);
  });

  it('is told by what our service principal may do in this tenant', () => {
    const group = fakeCatalogueGroup('Group', { roleAssignable: true });
    const sentences = (capabilities: typeof allowed) =>
      [
        ...notesOnGroup(group, capabilities),
        ...notesOnRole({ ...role, privileged: true }, capabilities),
        ...notesOnRole({ ...role, privileged: null }, capabilities),
      ].map(({ message }) => message);

    expect(sentences(allowed)).toHaveLength(3);
    for (const message of sentences(allowed)) expect(message).toContain('holds here');
    for (const message of sentences(lacking)) expect(message).toContain('lacks here');
  });

  it('a restricted unit, and nothing of any other', () => {
    const unit = { id: idOf<'entra unit'>('u'), displayName: 'Unit', restricted: true };

    expect(codes(notesOnUnit(unit))).toEqual(['restricted']);
    expect(notesOnUnit({ ...unit, restricted: false })).toEqual([]);
  });
});
