import { CreateApiToken, CreateTechnician } from '#core/identity';
import { openDatabase } from '#persistence';
import { SystemIds } from '#platform';
import { LiveKeys } from '#secrets';

const actor = { kind: 'console' } as const;

/** Technicians of an organization that is there, and a token of each. */
export const tokensOfNewTechnicians = async (
  environment: Readonly<Record<string, string>>,
  { slug, usernames }: { readonly slug: string; readonly usernames: readonly string[] },
): Promise<readonly string[]> => {
  const database = openDatabase({
    appUrl: environment['DATABASE_URL'] ?? '',
    clockworkUrl: environment['CLOCKWORK_DATABASE_URL'] ?? '',
  });
  const { clock, doorway, unitOfWork } = database;
  await clock.refresh();
  const { box } = await LiveKeys.open({ file: environment['CURFEW_KEY_FILE'] ?? '' });
  const ports = { unitOfWork, doorway, clock, box, ids: new SystemIds(clock) };
  const organizationId = await doorway.organizationOfSlug(slug);
  if (organizationId === null) throw new Error(`There is no organization ${slug}.`);
  const tokens: string[] = [];
  for (const username of usernames) {
    const person = { organizationId, username, displayName: username, role: 'technician', actor } as const;
    const { id: technicianId } = await new CreateTechnician(ports).execute(person);
    const command = { organizationId, technicianId, role: null, days: null, actor };
    tokens.push((await new CreateApiToken(ports).execute(command)).token.expose());
  }
  await database.close();
  return tokens;
};
