import type { NamedFault } from '../contract.js';
import { from, tokenPath } from './entry.js';

const aToken = { method: 'POST', path: tokenPath };

export const signInFaults: readonly NamedFault[] = [
  {
    name: 'consent-withdrawn',
    tells: 'Tokens issued from now on lack RoleManagement.ReadWrite.Directory; those issued before keep it.',
    ...from('S011 N2 D'),
    always: 'PATCH of the tenant with other `permissions` of the app',
    rule: { match: aToken, effect: { withoutPermissions: ['RoleManagement.ReadWrite.Directory'] } },
  },
  {
    name: 'token-endpoint-429',
    tells: 'A token is refused because too many were asked for: 429 with a wait of 5 s.',
    ...from('S013 - D'),
    rule: { match: aToken, times: 1, effect: { status: 429, code: '90055', retryAfter: 5 } },
  },
  {
    name: 'token-endpoint-503',
    tells: 'Sign-in is away for the moment: 503 with AADSTS90033.',
    ...from('S013 - D'),
    rule: { match: aToken, times: 1, effect: { status: 503, code: '90033' } },
  },
  {
    name: 'token-endpoint-90055',
    tells: 'The same overload as a 400, told by AADSTS90055 alone.',
    ...from('S013 - D'),
    rule: { match: aToken, times: 1, effect: { status: 400, code: '90055' } },
  },
];
