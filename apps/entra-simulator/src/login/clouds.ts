import type { Switches } from '../control/contract.js';
import type { Tenant } from '../state/tenant.js';

/** The host names by which a national cloud names itself; the simulator answers for all of them on one port. */
export interface Cloud {
  /** `cloud_instance_name` of the metadata. */
  readonly instance: string;
  readonly loginHost: string;
  readonly graphHost: string;
  readonly oldGraphHost: string;
  readonly armHosts: readonly string[];
  readonly region: string;
  readonly subRegion?: string;
}

const clouds: Readonly<Record<Switches['cloud'], Cloud>> = {
  global: {
    instance: 'microsoftonline.com',
    loginHost: 'login.microsoftonline.com',
    graphHost: 'graph.microsoft.com',
    oldGraphHost: 'graph.windows.net',
    armHosts: ['management.azure.com', 'management.core.windows.net'],
    region: 'EU',
  },
  usGov: {
    instance: 'microsoftonline.us',
    loginHost: 'login.microsoftonline.us',
    graphHost: 'graph.microsoft.us',
    oldGraphHost: 'graph.windows.net',
    armHosts: ['management.usgovcloudapi.net', 'management.core.usgovcloudapi.net'],
    region: 'USGov',
    subRegion: 'GCC',
  },
  usDoD: {
    instance: 'microsoftonline.us',
    loginHost: 'login.microsoftonline.us',
    graphHost: 'dod-graph.microsoft.us',
    oldGraphHost: 'graph.windows.net',
    armHosts: ['management.usgovcloudapi.net', 'management.core.usgovcloudapi.net'],
    region: 'USGov',
    subRegion: 'DOD',
  },
  china: {
    instance: 'partner.microsoftonline.cn',
    loginHost: 'login.partner.microsoftonline.cn',
    graphHost: 'microsoftgraph.chinacloudapi.cn',
    oldGraphHost: 'graph.chinacloudapi.cn',
    armHosts: ['management.chinacloudapi.cn', 'management.core.chinacloudapi.cn'],
    region: 'AS',
  },
};

export const cloudOf = (tenant: Tenant | undefined): Cloud =>
  clouds[tenant?.config.switches.cloud ?? 'global'];

/** What a token for Graph may be addressed to. */
export const graphAudiences: readonly string[] = Object.values(clouds).map(
  ({ graphHost }) => `https://${graphHost}`,
);
export const graphAudienceOf = (tenant: Tenant): string => `https://${cloudOf(tenant).graphHost}`;
