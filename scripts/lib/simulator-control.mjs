// The simulator's own API, beside Graph: makes tenants, and tells what is really so in them.
import { Agent, request } from 'node:https';

/** @param {{ url: string, caPem: string }} simulator */
export const simulatorControl = ({ url, caPem }) => {
  const agent = new Agent({ ca: caPem });
  const send = (method, path, body) =>
    new Promise((done, fail) => {
      const call = request(`${url}/__control${path}`, { agent, method }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => (text += chunk));
        answer.on('error', fail);
        answer.on('end', () => {
          if (answer.statusCode < 300) return done(text === '' ? null : JSON.parse(text));
          fail(new Error(`Simulator: ${method} ${path}: ${answer.statusCode} ${text}`));
        });
      });
      call.on('error', fail);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const tenant = (id) => `/tenants/${id}`;
  return {
    /** The tenant as it really is; null when there is none. */
    truth: (id) =>
      send('GET', tenant(id)).catch((error) => {
        if (/: 404 /.test(error.message)) return null;
        throw error;
      }),
    makeTenant: (id, spec) => send('PUT', tenant(id), spec),
    patchTenant: (id, patch) => send('PATCH', tenant(id), patch),
    /** What somebody who tries to sign in would get. */
    signIn: (id, attempt) => send('POST', `${tenant(id)}/sign-ins`, attempt),
    /** What Entra sends an admin back with, who accepts what the app asks for. */
    consent: (id, clientId) => send('POST', `${tenant(id)}/consents`, { clientId, decision: 'accept' }),
    history: (id) => send('GET', `/history?tenantId=${id}`),
    violations: () => send('GET', '/violations'),
  };
};
