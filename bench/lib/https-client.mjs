import { Agent, request } from 'node:https';
import { URLSearchParams } from 'node:url';

/**
 * A bare client that keeps its connection.
 * @param {{ url: string, caPem: string }} server
 * @returns `call(method, path, { token, body, form })` → `{ status, body }`, and `close()`
 */
export const httpsClient = ({ url, caPem }) => {
  const agent = new Agent({ ca: caPem, keepAlive: true });
  const call = (method, path, content = {}) =>
    new Promise((done, fail) => {
      const { headers, payload } = encode(content);
      const sent = request(`${url}${path}`, { agent, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => (text += chunk));
        answer.on('error', fail);
        answer.on('end', () =>
          done({ status: answer.statusCode, body: text === '' ? null : JSON.parse(text) }),
        );
      });
      sent.on('error', fail);
      sent.end(payload);
    });
  return { call, close: () => agent.destroy() };
};

const encode = ({ token, body, form }) => {
  const payload = form ? new URLSearchParams(form).toString() : body && JSON.stringify(body);
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    payload,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(payload && { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
    },
  };
};
