// A process of its own: sends batches over connections that it keeps, and counts what comes back.
import { httpsClient } from '../lib/https-client.mjs';

const CONNECTIONS = 8;
const PARTS = 20;
const ROUND_MS = 2_000;

process.once('disconnect', () => process.exit());

/** Half reads, a quarter writes and a quarter searches: about what granting and looking after accounts takes. */
const partOf = (userId, i) => {
  const id = String(i);
  const select = 'id,userPrincipalName,accountEnabled';
  if (i % 4 === 1)
    return {
      id,
      method: 'PATCH',
      url: `/users/${userId}`,
      headers: { 'Content-Type': 'application/json' },
      body: { department: `Department ${i}` },
    };
  if (i % 4 === 3)
    return {
      id,
      method: 'GET',
      url: `/roleManagement/directory/roleAssignments?$filter=principalId eq '${userId}'`,
    };
  return { id, method: 'GET', url: `/users/${userId}?$select=${select}` };
};

const sender = ({ url, caPem, tenantId, app, userIds }) => {
  const client = httpsClient({ url, caPem });
  let token;
  let next = 0;
  const batch = () => ({
    requests: Array.from({ length: PARTS }, (_, i) => partOf(userIds[next++ % userIds.length], i)),
  });
  const askToken = async () => {
    const form = {
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.secret,
      scope: 'https://graph.microsoft.com/.default',
    };
    return (await client.call('POST', `/${tenantId}/oauth2/v2.0/token`, { form })).body.access_token;
  };
  return async () => {
    token ??= await askToken();
    const { status, body } = await client.call('POST', '/v1.0/$batch', { token, body: batch() });
    const refused = body.responses?.find((part) => part.status >= 400);
    if (status !== 200 || refused)
      throw new Error(`A batch went wrong: ${status} ${JSON.stringify(refused ?? body)}`);
    return body.responses.length;
  };
};

const run = async (send) => {
  const began = performance.now();
  const isOver = () => performance.now() - began > ROUND_MS;
  let parts = 0;
  const keepSending = async () => {
    while (!isOver()) parts += await send();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, keepSending));
  return { parts, perSecond: (parts * 1_000) / (performance.now() - began) };
};

process.once('message', (scene) => {
  const send = sender(scene);
  process.on('message', () => {
    run(send).then(
      (sample) => process.send(sample),
      (error) => process.send({ error: error.message }),
    );
  });
});
