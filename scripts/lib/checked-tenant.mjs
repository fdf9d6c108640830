// The tenant that `npm run live-check -- --simulator` checks: as Microsoft's documents describe one, with lags.
import { randomBytes } from 'node:crypto';
import { permissions } from './contoso.mjs';

const clientId = '11ec4ec0-0000-4000-8000-0000000000ff';
const secret = randomBytes(24).toString('base64url');

export const checkedTenant = {
  id: '11ec4ec0-0000-4000-8000-000000000001',
  clientId,
  secret,
  spec: {
    displayName: 'Fabrikam',
    licence: 'P2',
    domains: [{ name: 'fabrikam.onmicrosoft.com', isInitial: true, isDefault: true }],
    apps: [
      {
        clientId,
        displayName: 'Curfew live check',
        secrets: [{ value: secret }],
        permissions: [...permissions, 'AuditLog.Read.All'],
        directoryRoles: ['Privileged Authentication Administrator'],
      },
    ],
    groups: [{ displayName: 'Nobody in particular' }],
    users: [{ userPrincipalName: 'boss@fabrikam.onmicrosoft.com', roles: ['Global Administrator'] }],
    lags: {
      directory: { minMs: 200, maxMs: 2_000, replicas: 3 },
      methods: { minMs: 0, maxMs: 3_000 },
      pim: { minMs: 1_000, maxMs: 5_000 },
      authorisation: { minMs: 1_000, maxMs: 3_000 },
    },
  },
};
