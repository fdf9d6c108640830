import { optional, required, type Concern } from './setting.js';
import { text, url } from './text-schemas.js';

/** A cloud besides Microsoft's own, by which a Graph-like server is connected: the deployment's choice alone. */
export interface CustomCloud {
  readonly authority: string;
  readonly graph: string;
  readonly caFile: string;
}

const customCloud = {
  authority: optional(
    required(
      {
        name: 'CURFEW_CUSTOM_CLOUD_AUTHORITY',
        meaning: 'Sign-in host of the cloud named custom. All three or none.',
      },
      url('https'),
    ),
  ),
  graph: optional(
    required(
      {
        name: 'CURFEW_CUSTOM_CLOUD_GRAPH',
        meaning: 'Graph host of the cloud named custom. All three or none.',
      },
      url('https'),
    ),
  ),
  caFile: optional(
    required(
      {
        name: 'CURFEW_CUSTOM_CLOUD_CA_FILE',
        meaning: 'PEM file with the certificate authority of both hosts. All three or none.',
      },
      text,
    ),
  ),
};

const directorySettings = {
  ...customCloud,
  federatedTokenFile: optional(
    required(
      {
        name: 'CURFEW_FEDERATED_TOKEN_FILE',
        meaning:
          "File into which the platform projects this deployment's workload token, for connections that keep no credential.",
      },
      text,
    ),
  ),
  federatedOrganization: optional(
    required(
      {
        name: 'CURFEW_FEDERATED_ORGANIZATION',
        meaning:
          'Slug of the one organization that may connect customers by the workload token (ADR 37). Unset: none may.',
      },
      text,
    ),
  ),
};

interface DirectoryConfig {
  readonly customCloud: CustomCloud | null;
  readonly federatedTokenFile: string | null;
  readonly federatedOrganization: string | null;
}

export const directory: Concern<typeof directorySettings, DirectoryConfig> = {
  title: 'Directory',
  settings: directorySettings,
  conclude({ authority, graph, caFile, ...federation }, report) {
    if (federation.federatedOrganization !== null && federation.federatedTokenFile === null)
      report(
        directorySettings.federatedTokenFile.name,
        'is missing: without it there is no workload identity for the organization',
      );
    if (authority !== null && graph !== null && caFile !== null)
      return { customCloud: { authority, graph, caFile }, ...federation };
    const given = { authority, graph, caFile };
    const missing = (['authority', 'graph', 'caFile'] as const).filter((key) => given[key] === null);
    if (missing.length < 3)
      for (const key of missing)
        report(
          customCloud[key].name,
          'is missing: the custom cloud needs all three of its variables, or none',
        );
    return { customCloud: null, ...federation };
  },
};
