import { readFileSync } from 'node:fs';
import type { Cloud } from '#core/tenancy';

/** Where one cloud's sign-in and Graph answer: origins (scheme, host, port), nothing behind. */
export interface CloudAddress {
  readonly authorityHost: string;
  readonly graphHost: string;
  /** Trusted instead of the public authorities; for a Graph-like server of the deployment's own. */
  readonly caPem?: string;
}

/**
 * The only hosts that this deployment calls. `custom` comes from its configuration; a cloud that is not here is refused.
 */
export type CloudSettings = Partial<Record<Cloud, CloudAddress>>;

/** Microsoft's clouds. Source: learn.microsoft.com/graph/deployments, entra/identity-platform/authentication-national-cloud. */
export const MICROSOFT_CLOUDS = {
  global: { authorityHost: 'https://login.microsoftonline.com', graphHost: 'https://graph.microsoft.com' },
  'us-government': {
    authorityHost: 'https://login.microsoftonline.us',
    graphHost: 'https://graph.microsoft.us',
  },
  china: {
    authorityHost: 'https://login.partner.microsoftonline.cn',
    graphHost: 'https://microsoftgraph.chinacloudapi.cn',
  },
} as const satisfies CloudSettings;

/** Microsoft's clouds, and the one that the deployment defines. Throws when its CA file can't be read. */
export const cloudsWith = (
  custom: { readonly authority: string; readonly graph: string; readonly caFile: string } | null,
): CloudSettings => {
  if (custom === null) return MICROSOFT_CLOUDS;
  const caPem = readFileSync(custom.caFile, 'utf8');
  return {
    ...MICROSOFT_CLOUDS,
    custom: { authorityHost: custom.authority, graphHost: custom.graph, caPem },
  };
};

const ORIGIN_ONLY = new Set(['', '/']);

const originOf = (cloud: string, address: string): string => {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isPlain = url !== null && ORIGIN_ONLY.has(url.pathname) && url.search === '' && url.username === '';
  if (!isPlain || url.protocol !== 'https:') {
    throw new TypeError(`Cloud ${cloud}: "${address}" is not the https origin of a host.`);
  }
  return url.origin;
};

/** Takes settings for use: origins only, https only. Throws `TypeError`, naming what is wrong. */
export const checkedClouds = (clouds: CloudSettings): ReadonlyMap<Cloud, CloudAddress> =>
  new Map(
    Object.entries(clouds).map(([name, cloud]) => [
      name as Cloud,
      {
        ...cloud,
        authorityHost: originOf(name, cloud.authorityHost),
        graphHost: originOf(name, cloud.graphHost),
      },
    ]),
  );
