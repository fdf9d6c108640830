import { changeUser } from '../../directory/users.js';
import { asObject, isText } from '../../foundation/json.js';
import {
  liveUser,
  noContent,
  ok,
  seenUser,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { badRequest, GraphError, notFound } from '../errors.js';
import { referenceIn, referenceTo } from '../references.js';

const path = '/users/{user-id}/manager/$ref';

export const userLinkRoutes: readonly Route[] = [
  { method: 'GET', path, workload: 'directory', answer: getManager },
  { method: 'PUT', path, workload: 'directory', answer: putManager },
  { method: 'DELETE', path, workload: 'directory', answer: removeManager },
  {
    method: 'GET',
    path: '/users/{user-id}/oauth2PermissionGrants',
    workload: 'directory',
    answer: (ctx) => {
      seenUser(ctx);
      return ok({ '@odata.context': `${ctx.root}/$metadata#oauth2PermissionGrants`, value: [] });
    },
  },
];

/** The reference as a string: so Microsoft's OpenAPI has it. */
function getManager(ctx: GraphContext): GraphReply {
  const id = asObject(seenUser(ctx).properties['manager'])['id'];
  if (!isText(id) || ctx.tenant.users.see(id, ctx.view) === undefined) throw noManager();
  return { status: 200, body: JSON.stringify(referenceTo(ctx.root, id)) };
}

function putManager(ctx: GraphContext): GraphReply {
  const user = liveUser(ctx);
  const id = referenceIn(ctx.body);
  if (ctx.tenant.users.see(id, ctx.view) === undefined || ctx.tenant.users.truth(id) === undefined) {
    throw notFound(id);
  }
  if (id === user.id) throw badRequest('A user cannot be the manager of himself.');
  changeUser(ctx.writer, user, { properties: { manager: { id } } });
  return noContent;
}

function removeManager(ctx: GraphContext): GraphReply {
  const user = liveUser(ctx);
  if (!isText(asObject(user.properties['manager'])['id'])) throw noManager();
  changeUser(ctx.writer, user, { properties: { manager: null } });
  return noContent;
}

const noManager = (): GraphError =>
  new GraphError(
    { status: 404, code: 'Request_ResourceNotFound' },
    "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
  );
