import type { GroupId, Instant, ObjectId, RoleId, Secret } from '#core/shared';
import type { EntraApp, TenantCapabilities } from '#core/tenancy';
import type { DirectoryError } from './directory-error.js';

/** One thing to do or to read in a tenant. Adding what is there, and removing what is gone, succeed. */
export type DirectoryCall =
  | {
      readonly do: 'createUser';
      readonly upn: string;
      readonly displayName: string;
      readonly mailNickname: string;
      /** Kept in extensionAttribute15: proof that the object is ours. */
      readonly marker: string;
      readonly password: Secret;
    }
  | { readonly do: 'findUser'; readonly upn: string }
  | { readonly do: 'readUser'; readonly user: ObjectId }
  | { readonly do: 'listRoleAssignments'; readonly user: ObjectId }
  | { readonly do: 'listGroups'; readonly user: ObjectId }
  | { readonly do: 'listMethods'; readonly user: ObjectId }
  | { readonly do: 'enable'; readonly user: ObjectId }
  | { readonly do: 'disable'; readonly user: ObjectId }
  | { readonly do: 'revokeSessions'; readonly user: ObjectId }
  | { readonly do: 'setPassword'; readonly user: ObjectId; readonly password: Secret }
  | { readonly do: 'deleteUser'; readonly user: ObjectId }
  | { readonly do: 'addToGroup'; readonly user: ObjectId; readonly groupId: GroupId }
  | { readonly do: 'removeFromGroup'; readonly user: ObjectId; readonly groupId: GroupId }
  | { readonly do: 'assignRole'; readonly user: ObjectId; readonly roleId: RoleId }
  | {
      readonly do: 'unassignRole';
      readonly user: ObjectId;
      readonly roleId: RoleId;
      /** Null when the answer to the assignment never came: the adapter then uses Graph's usual id as a hint. */
      readonly assignmentId: string | null;
    }
  | {
      readonly do: 'mintPass';
      readonly user: ObjectId;
      readonly lifetimeMinutes: number;
      readonly usableOnce: boolean;
    }
  | { readonly do: 'deleteMethod'; readonly user: ObjectId; readonly method: AuthenticationMethod };

/** A call with a name of its own within one `perform`; `after` names one that must have succeeded first. */
export interface DirectoryStep {
  readonly ref: string;
  readonly call: DirectoryCall;
  readonly after?: string;
}

/** A user object as read. `at` on the outcome says when Graph answered. */
export interface ObservedUser {
  readonly objectId: ObjectId;
  readonly upn: string;
  readonly enabled: boolean;
  readonly marker: string | null;
  /** Sign-in sessions from before are worthless: tells how fresh the replica is that answered. */
  readonly sessionsValidFromAt: Instant | null;
  readonly passwordChangedAt: Instant | null;
}

export interface ObservedRole {
  readonly roleId: RoleId;
  readonly assignmentId: string;
  /** `/` for the whole tenant. */
  readonly scope: string;
}

/** `password` can't be deleted and is never listed here. */
export type MethodKind =
  | 'temporaryAccessPass'
  | 'fido2'
  | 'softwareOath'
  | 'microsoftAuthenticator'
  | 'phone'
  | 'windowsHelloForBusiness'
  | 'email'
  | 'other';

export interface AuthenticationMethod {
  readonly kind: MethodKind;
  readonly id: string;
}

/** A minted pass: shown once, never stored. */
export interface MintedPass {
  readonly passId: string;
  readonly pass: Secret;
  readonly expiresAt: Instant;
  /** False when the tenant's policy will refuse it at sign-in. */
  readonly usable: boolean;
}

/** What a successful call brought, by kind of call; `null` for a user that isn't there. */
export type DirectoryAnswer =
  | { readonly did: 'createUser'; readonly objectId: ObjectId }
  | { readonly did: 'findUser' | 'readUser'; readonly user: ObservedUser | null }
  | { readonly did: 'listRoleAssignments'; readonly roles: readonly ObservedRole[] }
  | {
      readonly did: 'listGroups';
      readonly groups: readonly GroupId[];
      /** False when our permissions only show memberships with the nested ones among them. */
      readonly direct: boolean;
    }
  | { readonly did: 'listMethods'; readonly methods: readonly AuthenticationMethod[] }
  | { readonly did: 'assignRole'; readonly assignmentId: string | null }
  | { readonly did: 'mintPass'; readonly minted: MintedPass }
  | {
      readonly did:
        | 'enable'
        | 'disable'
        | 'revokeSessions'
        | 'setPassword'
        | 'deleteUser'
        | 'addToGroup'
        | 'removeFromGroup'
        | 'unassignRole'
        | 'deleteMethod';
      /** It was so already: nothing was changed by this call. */
      readonly already: boolean;
    };

/** What became of one step. `at` is Graph's own `Date` of the answer (whole seconds), null without an answer. */
export type StepOutcome = { readonly ref: string; readonly at: Instant | null } & (
  | { readonly ok: true; readonly answer: DirectoryAnswer }
  | { readonly ok: false; readonly error: DirectoryError }
);

/** What a tenant says of itself and of us. */
export interface TenantInspection {
  readonly tenantId: string;
  readonly displayName: string;
  /** Application permissions in our token. */
  readonly permissions: readonly string[];
  readonly missingPermissions: readonly string[];
  /** Missing too, and Curfew works without them: it then can't see, and so not remove, some of what was added by hand. */
  readonly recommendedPermissions: readonly string[];
  readonly domains: readonly {
    readonly name: string;
    readonly verified: boolean;
    readonly managed: boolean;
  }[];
  readonly capabilities: TenantCapabilities;
}

/**
 * Microsoft Graph, as far as Curfew needs it.
 * Promised: `perform` answers every step by its `ref`, never throws for a step that failed, sends each step at most once
 * (reads at most twice), never waits for a throttle, and is back within `timeoutMs`, with `not_tried` or `unanswered` for
 * what is not known. Steps without `after` are independent: none waits for another's success. One exception: giving
 * calls for a user may be `not_tried` when that user's password, on which others of them wait, was refused.
 */
export interface Directory {
  perform(app: EntraApp, steps: readonly DirectoryStep[], timeoutMs: number): Promise<readonly StepOutcome[]>;
  /** Reads what onboarding must know. Throws `DirectoryError` when no token or no answer can be had. */
  inspect(app: EntraApp, timeoutMs: number): Promise<TenantInspection>;
}
