import { lazily, readDataFile } from '../foundation/data-files.js';
import { uuidFrom } from '../foundation/ids.js';

interface PermissionFile {
  applicationPermissionsByPath: Record<string, Record<string, { least: string[]; higher: string[] }>>;
  permissions: Record<string, unknown>;
}
export interface AppRole {
  value: string;
  id: string;
  displayName: string;
  description: string;
}

const file = lazily(() => readDataFile<PermissionFile>('permissions-slice.json'));
const documentedRoles = lazily(() => readDataFile<{ appRoles: AppRole[] }>('app-roles.json').appRoles);

/** Each alternative is a list of permissions that are all needed. */
export type Alternatives = readonly (readonly string[])[];

const shape = (path: string): string => path.toLowerCase().replace(/\{[^}]*\}/g, '{}');

const table = lazily(() => {
  const result = new Map<string, Alternatives>();
  for (const [path, methods] of Object.entries(file().applicationPermissionsByPath)) {
    for (const [method, { least, higher }] of Object.entries(methods)) {
      result.set(`${method} ${shape(path)}`, [...least, ...higher].flatMap(alternatives));
    }
  }
  return result;
});

/** "A + B,C" in Microsoft's data: A, and one of B and C. */
function alternatives(text: string): string[][] {
  const parts = text.split(' + ').map((part) => part.split(','));
  return parts.reduce<string[][]>(
    (whole, choices) => whole.flatMap((needed) => choices.map((choice) => [...needed, choice.trim()])),
    [[]],
  );
}

/** What Microsoft's data asks for a call; undefined when the data does not know the path. */
export const documentedPermissions = (method: string, path: string): Alternatives | undefined =>
  table().get(`${method} ${shape(path.replace(/\/\$(ref|count)$/, ''))}`);

export const holdsAny = (held: ReadonlySet<string>, asked: Alternatives): boolean =>
  asked.some((all) => all.every((one) => held.has(one)));

/** Every application permission that the simulator knows, with its id (invented where Microsoft's is not at hand). */
export const appRoles = lazily(() => {
  const known = new Map(documentedRoles().map((role) => [role.value, role]));
  for (const value of Object.keys(file().permissions)) {
    if (known.has(value)) continue;
    known.set(value, { value, id: uuidFrom(`appRole ${value}`), displayName: value, description: value });
  }
  return known;
});
