import type { JsonObject } from './json.js';
import type { MethodKind } from './truth.js';

export type PortalAction =
  | { do: 'patchUser'; userId: string; changes: JsonObject }
  | { do: 'deleteUser'; userId: string }
  | { do: 'restoreUser'; userId: string }
  | { do: 'addRole'; userId: string; roleId: string }
  | { do: 'removeRole'; userId: string; roleId: string }
  | { do: 'addToGroup'; userId: string; groupId: string }
  | { do: 'removeFromGroup'; userId: string; groupId: string }
  | { do: 'addMethod'; userId: string; kind: MethodKind };
