import type { JsonObject } from './json.js';
import type { MethodKind } from './truth.js';

export type PortalAction =
  | { do: 'patchUser'; userId: string; changes: JsonObject }
  | { do: 'deleteUser'; userId: string }
  | { do: 'restoreUser'; userId: string }
  | { do: 'addRole'; userId: string; roleId: string }
  | { do: 'removeRole'; userId: string; roleId: string }
  /** By Privileged Identity Management, past the tenant's policy; default active, from now on, for ever. */
  | {
      do: 'scheduleRole';
      userId: string;
      roleId: string;
      kind?: 'active' | 'eligible';
      startDateTime?: string;
      endDateTime?: string;
    }
  | { do: 'unscheduleRole'; userId: string; roleId: string; kind?: 'active' | 'eligible' }
  | { do: 'addToGroup'; userId: string; groupId: string }
  | { do: 'removeFromGroup'; userId: string; groupId: string }
  | { do: 'addToUnit'; userId: string; unitId: string }
  | { do: 'removeFromUnit'; userId: string; unitId: string }
  | { do: 'deleteGroup'; groupId: string }
  /** From now on its members are chosen by a rule, and by nobody else. */
  | { do: 'makeDynamic'; groupId: string }
  /** Puts the record that proves a domain into the DNS. */
  | { do: 'proveDomain'; domain: string }
  | { do: 'addMethod'; userId: string; kind: MethodKind };
