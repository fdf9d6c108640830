import { inspectionRefused } from '#core/access';
import { DirectoryError, type Directory, type TenantInspection } from '#core/accounts';
import { idOf, SECOND, type Ids, type SecretBox } from '#core/shared';
import { organizationAppPlace, type UsableOrganizationApp } from '#core/tenancy';

const INSPECTION_MS = 15 * SECOND;

/**
 * What the app reads in a tenant with a token that Entra gives it now. Under a connection id that is used nowhere else: no
 * token from before vouches for a consent that was withdrawn, or hides one that was given. Throws `directory.…`.
 */
export const inspectByApp = async (
  { directory, ids, box }: { readonly directory: Directory; readonly ids: Ids; readonly box: SecretBox },
  app: UsableOrganizationApp,
  tenantId: string,
): Promise<TenantInspection> => {
  const { version, cloud, clientId, credentialKind: kind } = app;
  const value = box.open(app.sealedCredential, organizationAppPlace(app));
  const connectionId = idOf<'connection'>(ids.uuid());
  try {
    return await directory.inspect(
      { connectionId, version, cloud, tenantId, clientId, credential: { kind, value } },
      INSPECTION_MS,
    );
  } catch (error) {
    throw error instanceof DirectoryError ? inspectionRefused(error) : error;
  }
};
