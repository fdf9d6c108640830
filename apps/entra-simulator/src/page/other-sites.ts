import type { HttpReply, HttpRequest } from '../http/server.js';

/**
 * Refuses what a page of another site makes a browser send here. Programs send neither header; a browser always sends
 * one of them with what it was not asked for by our own page or by its user.
 */
export function refusalOfOtherSites({ headers }: HttpRequest): HttpReply | undefined {
  const site = headers['sec-fetch-site'] ?? 'none';
  const { origin, host } = headers;
  const isOurs = origin === undefined || origin === `https://${host ?? ''}`;
  if (isOurs && ['same-origin', 'none'].includes(site)) return undefined;
  return {
    status: 403,
    body: { error: 'The simulator is not steered by pages of other sites' },
    headers: { 'Content-Type': 'application/json' },
  };
}
