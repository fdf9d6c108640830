// What `npm run simulator` says.

export const exampleSeed = 'apps/entra-simulator/examples/contoso.seed.json';

export const simulatorHelp = `npm run simulator -- [options]

Microsoft Entra sign-in and Microsoft Graph v1.0 on this machine, for trying and testing without a cloud account.

  --seed <file>      the tenants to begin with, as JSON; default ${exampleSeed}
  --port <number>    default 8443, or SIMULATOR_PORT; 0: any free port
  --host <address>   where to listen; default 127.0.0.1 (this machine alone), or SIMULATOR_HOST
  --data-dir <path>  keeps everything there, or where SIMULATOR_DATA_DIR says; default: nothing is kept
  --chance <number>  chooses lags, latency and orders; default 1, or SIMULATOR_SEED. The same number, the same accidents
  --help

What it does and how to steer it: docs/simulator.md`;

/**
 * Where it is, how to trust it, and lines to try it with.
 * @param {{ simulator: object, caFile: string, tenants: object, seedFile: string, isExample: boolean, dataDir?: string }} started
 */
export const simulatorWelcome = ({ simulator, caFile, tenants, seedFile, isExample, dataDir }) => `
The Entra simulator runs. It plays Microsoft Entra and Microsoft Graph; nothing leaves this machine.

  URL      ${simulator.url}
  page     ${simulator.url}/ (tenants, users, requests, faults; a browser warns once about the certificate)
  data     ${dataDir ?? 'in memory only; --data-dir keeps it'}
  tenants  ${seedOf(seedFile, isExample)}${tenantsOf(simulator.sown, tenants)}

Trust its certificate authority; nothing else of yours should:

  curl --cacert ${caFile} …
  NODE_EXTRA_CA_CERTS=${caFile} node …
${tryLines({ url: simulator.url, caFile }, tenants, isExample)}
Azure libraries: authorityHost ${simulator.url}, disableInstanceDiscovery. Graph libraries: base URL ${simulator.url}/v1.0.
Ctrl-C stops it.`;

const seedOf = (file, isExample) =>
  isExample ? `from the example ${file}; --seed takes yours` : `from ${file}`;

const tenantsOf = ({ kept }, tenants) =>
  Object.entries(tenants)
    .map(([id, { displayName }]) => {
      const isKept = kept.includes(id.toLowerCase());
      return `\n           ${id}  ${displayName ?? ''}${isKept ? ' (from the data folder, as it was left)' : ''}`;
    })
    .join('');

/** A token and a first call, ready to be pasted, with the first app that has a secret. */
const tryLines = ({ url, caFile }, tenants, isExample) => {
  const found = Object.entries(tenants)
    .flatMap(([id, { apps = [] }]) => apps.map((app) => ({ id, app })))
    .find(({ app }) => app.secrets?.length > 0);
  if (found === undefined) return '';
  const { id, app } = found;
  // The example's secret is everybody's; one of your own file is not for a terminal.
  const secret = isExample ? app.secrets[0].value : '<the secret in your file>';
  return `
Try it: a token, and with it the users.

  TOKEN=$(curl -s --cacert ${caFile} ${url}/${id}/oauth2/v2.0/token \\
    -d grant_type=client_credentials -d client_id=${app.clientId} -d 'client_secret=${secret}' \\
    -d scope=https://graph.microsoft.com/.default | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s --cacert ${caFile} -H "Authorization: Bearer $TOKEN" '${url}/v1.0/users?$select=displayName,accountEnabled'
`;
};
