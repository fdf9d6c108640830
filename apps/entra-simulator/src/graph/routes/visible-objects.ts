import type { Json } from '../../foundation/json.js';
import type { GraphContext } from '../context.js';
import { pick } from '../select.js';
import { isText } from '../../foundation/json.js';

const wholeDirectory = ['Directory.Read.All', 'Directory.ReadWrite.All'];

/** By type: the permissions of which one lets a caller read more than that an object exists. */
const readers: Readonly<Record<string, readonly string[]>> = {
  user: ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', ...wholeDirectory],
  group: [
    'Group.ReadBasic.All',
    'Group.Read.All',
    'Group.ReadWrite.All',
    'GroupMember.ReadBasic.All',
    'GroupMember.Read.All',
    'GroupMember.ReadWrite.All',
    ...wholeDirectory,
  ],
  directoryRole: [
    'RoleManagement.Read.All',
    'RoleManagement.Read.Directory',
    'RoleManagement.ReadWrite.Directory',
    ...wholeDirectory,
  ],
  administrativeUnit: ['AdministrativeUnit.Read.All', 'AdministrativeUnit.ReadWrite.All', ...wholeDirectory],
  servicePrincipal: [
    'Application.Read.All',
    'Application.ReadWrite.All',
    'Application.ReadWrite.OwnedBy',
    ...wholeDirectory,
  ],
};

/** What this caller gets of an object in a list of mixed types: without the permission for its type, id and type. */
export function visibleTo(ctx: GraphContext): (object: Json) => Json {
  return (object) => {
    const odataType = object['@odata.type'];
    const type = isText(odataType) ? odataType.replace('#microsoft.graph.', '') : '';
    const asked = readers[type] ?? wholeDirectory;
    if (asked.some((permission) => ctx.caller.roles.has(permission))) return object;
    const names = Object.keys(object).filter((name) => !name.startsWith('@'));
    const blank = pick(type, names, (name) => (name === 'id' ? object['id'] : undefined));
    return { '@odata.type': odataType, ...blank };
  };
}
