import { httpsClient } from '../lib/https-client.mjs';

/** Steers a simulator, and reads what happened in it since the last reading. */
export const simulatorOf = (address) => {
  const client = httpsClient(address);
  const control = async (method, path, body) => {
    const answer = await client.call(method, `/__control${path}`, { body });
    if (answer.status >= 300) throw new Error(`Simulator: ${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const seen = { requests: 0, history: 0 };
  const news = async (kind) => {
    const entries = await control('GET', `/${kind}?since=${seen[kind]}`);
    seen[kind] = entries.at(-1)?.seq ?? seen[kind];
    return entries;
  };
  return {
    makeTenant: (id, spec) => control('PUT', `/tenants/${id}`, spec),
    settle: (id) => control('POST', `/tenants/${id}/settle`),
    portal: (id, action) => control('POST', `/tenants/${id}/portal`, action),
    truth: (id) => control('GET', `/tenants/${id}`),
    settings: (settings) => control('PUT', '/settings', settings),
    violations: () => control('GET', '/violations'),
    /** Requests and changes since this was last asked. */
    news: async () => ({ requests: await news('requests'), history: await news('history') }),
    /** Changes alone since they were last asked for. */
    changes: () => news('history'),
    addFault: (rule) => control('POST', '/faults', rule),
    clearFaults: () => control('DELETE', '/faults'),
    close: client.close,
  };
};
