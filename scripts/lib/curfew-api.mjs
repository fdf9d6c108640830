// Talks to Curfew as anybody may: over its public API.
import { URLSearchParams } from 'node:url';

/** A refusal, with the code that the API gave. */
export class Refused extends Error {
  constructor(problem) {
    super(`${problem.code}: ${problem.detail} ${problem.remedy ?? ''}`);
    this.problem = problem;
  }
}

/**
 * @param {string} url of the API
 * @param {string} token of a technician
 * @returns `get(path)`, `post(path, body)` and `put(path, body)`; each throws `Refused`
 */
export const curfewApi = (url, token) => {
  const send = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const content = await answer.json();
    if (!answer.ok) throw new Refused(content);
    return content;
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body = {}) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
  };
};

/** Everything of a list, page by page. */
export const listAll = async (api, path) => {
  const items = [];
  for (let cursor = null; ;) {
    const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
    const page = await api.get(`${path}?${query}`);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return items;
  }
};
