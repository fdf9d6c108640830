import { isIP } from 'node:net';
import type { HttpReply, HttpRequest } from '../http/server.js';

/**
 * Refuses what a page of another site makes a browser send here. Programs send neither header; a browser always sends
 * one of them with what it was not asked for by our own page or by its user. A page of another site may also have its
 * own name made to mean this machine: from a browser only names of ours count, and addresses, which mean themselves.
 * @param ownName the host of the URL that the simulator gives for itself
 */
export function refusalOfOtherSites({ headers }: HttpRequest, ownName: string): HttpReply | undefined {
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  if (origin === undefined && site === undefined) return undefined;
  const isOurs = origin === undefined || origin === `https://${host}`;
  if (isOurs && ['same-origin', 'none'].includes(site ?? 'none') && isNamedAsOurs(host, ownName))
    return undefined;
  return {
    status: 403,
    body: {
      error:
        'The simulator is not steered by pages of other sites; open it by the URL that it printed, or by its address',
    },
    headers: { 'Content-Type': 'application/json' },
  };
}

function isNamedAsOurs(host: string, ownName: string): boolean {
  const url = `https://${host}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === ownName || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}
