const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];
const banned = ['password', 'contoso', 'qwerty', '12345678', 'welcome1'];
// eslint-disable-next-line no-control-regex -- the range is the definition of printable ASCII
const beyondAscii = /[^\x00-\x7f]/;

/** Entra's rules for cloud passwords: 8–256 ASCII characters, three of four classes, no user name, none banned. */
export function isComplexEnough(password: string, userPrincipalName: string): boolean {
  if (password.length < 8 || password.length > 256 || beyondAscii.test(password)) return false;
  if (classes.filter((one) => one.test(password)).length < 3) return false;
  const lower = password.toLowerCase();
  const userName = userPrincipalName.split('@')[0]?.toLowerCase() ?? '';
  return !(userName.length >= 3 && lower.includes(userName)) && !banned.some((word) => lower.includes(word));
}
