import { isComplexEnough } from './passwords.js';

const upn = 'ada.admin@contoso.onmicrosoft.com';

describe('Password rules', () => {
  it.each([
    ['three of four classes', 'Kettle-drum', true],
    ['two classes only', 'kettledrum7', false],
    ['seven characters', 'Ab3$efg', false],
    ['257 characters', `Aa1${'x'.repeat(254)}`, false],
    ['letters beyond ASCII', 'Kéttle-drum7', false],
    ['the user name inside', 'Xx1-ADA.ADMIN', false],
    ['a banned word', 'Password-2026', false],
  ])('S023: %s', (_what, password, isGood) => {
    expect(isComplexEnough(password, upn)).toBe(isGood);
  });
});
