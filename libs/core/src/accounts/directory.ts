import type { GroupId, Instant, ObjectId, RoleId, Secret, UnitId } from '#core/shared';
import type { EntraApp, TenantCapabilities } from '#core/tenancy';
import type { DirectoryError } from './directory-error.js';

/** Where a role holds: `/` in the whole tenant; else the path of an administrative unit, or of one app's own things. */
export type RoleScope = `/${string}`;

/** A role of one user; without `scope` in the whole tenant. */
interface RoleOfUser {
  readonly user: ObjectId;
  readonly roleId: RoleId;
  readonly scope?: RoleScope;
}

/**
 * Privileged Identity Management: Entra itself ends such a role, also while Curfew is down. Asks for Entra ID P2
 * (`licence_missing`) and for 5 minutes at least (`invalid`).
 */
type TimedRoleCall =
  | (RoleOfUser & {
      /**
       * Gives a role until an end. `already: true` says only that the user holds it or is about to: until another end,
       * or for good. `listRoleSchedules` shows which.
       */
      readonly do: 'assignRoleUntil';
      readonly until: Instant;
      /** Kept by Entra, and shown to the customer's admins. No secrets. */
      readonly reason: string;
    })
  | (RoleOfUser & {
      /** Moves its end, later or sooner. `gone`: there is nothing to move; `invalid` for an end in less than 5 minutes. */
      readonly do: 'changeTimedRole';
      readonly until: Instant;
      readonly reason: string;
    })
  | (RoleOfUser & {
      /**
       * Takes it before its end. Refused in the first five minutes (`too_soon`). No answer proves that it is gone: Graph
       * says "does not exist" of one that it has just removed, and of one that it doesn't know yet. Only a successful
       * `listRoleSchedules` without it does, read when PIM has had its two minutes to see the assignment.
       */
      readonly do: 'endTimedRole';
      /** When Graph took the assignment, as far as known: tells how long `too_soon` lasts. */
      readonly givenAt?: Instant;
    })
  | { readonly do: 'listRoleSchedules'; readonly user: ObjectId }
  | (RoleOfUser & {
      /** Lets the user activate a role himself; null: for good. Of `already` as `assignRoleUntil`. */
      readonly do: 'makeEligible';
      readonly until: Instant | null;
      readonly reason: string;
    })
  /** As `endTimedRole`: only a successful `listEligibilities` without it is proof. */
  | (RoleOfUser & { readonly do: 'endEligibility'; readonly givenAt?: Instant })
  | { readonly do: 'listEligibilities'; readonly user: ObjectId };

type UnitCall = {
  readonly do: 'addToUnit' | 'removeFromUnit';
  readonly user: ObjectId;
  readonly unitId: UnitId;
};

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
  /** An answer without an id: it was there already, perhaps by PIM and with an end. */
  | (RoleOfUser & { readonly do: 'assignRole' })
  | (RoleOfUser & {
      readonly do: 'unassignRole';
      /**
       * Null when the answer to the assignment never came: the adapter then uses Graph's usual id as a hint. There is
       * none for a unit (`invalid`): list the assignments first.
       */
      readonly assignmentId: string | null;
    })
  | {
      readonly do: 'mintPass';
      readonly user: ObjectId;
      readonly lifetimeMinutes: number;
      readonly usableOnce: boolean;
    }
  /** The default one can't go while there are others (`conflict`, later): send it again after them. */
  | { readonly do: 'deleteMethod'; readonly user: ObjectId; readonly method: AuthenticationMethod }
  | TimedRoleCall
  | UnitCall;

/** A call with a name of its own within one `perform`; `after` names one that must have succeeded first. */
export interface DirectoryStep {
  readonly ref: string;
  readonly call: DirectoryCall;
  readonly after?: string;
  /** Where calls have to wait for each other it goes before those, of anybody, that aren't; a `disable` always does. */
  readonly urgent?: boolean;
  /** Nobody waits for it: to be throttled before anything else. */
  readonly unhurried?: boolean;
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
  /** `/` for the whole tenant; of a unit, or of one app's own things, its path. */
  readonly scope: string;
}

/** A role that a user may activate, from when to when. */
export interface ObservedEligibility {
  readonly scheduleId: string;
  readonly roleId: RoleId;
  /** As of `ObservedRole`. */
  readonly scope: string;
  /** Null: not told. */
  readonly startsAt: Instant | null;
  /** Null: for good. */
  readonly endsAt: Instant | null;
}

/** A role that a user holds or is about to hold; one that was given outside of PIM is listed too, without an end. */
export interface ObservedSchedule extends ObservedEligibility {
  /** The user activated it himself, from an eligibility. */
  readonly activated: boolean;
}

/** `password` can't be deleted and is never listed here. `other`: one that only Microsoft knows; it can't be deleted. */
export type MethodKind =
  | 'temporaryAccessPass'
  | 'fido2'
  | 'softwareOath'
  | 'microsoftAuthenticator'
  | 'phone'
  | 'windowsHelloForBusiness'
  | 'email'
  | 'platformCredential'
  | 'external'
  | 'qrCodePin'
  /** Listed, but only Graph's beta can delete it: refused as `invalid`. */
  | 'hardwareOath'
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
  | {
      readonly did: 'assignRoleUntil' | 'changeTimedRole' | 'makeEligible';
      readonly already: boolean;
      /** `pending`: accepted and not in force yet, at times until a person approves. Null when `already`. */
      readonly status: 'done' | 'pending' | null;
      /** Of the request and of what it made, as far as told. */
      readonly requestId: string | null;
      readonly scheduleId: string | null;
    }
  | { readonly did: 'listRoleSchedules'; readonly schedules: readonly ObservedSchedule[] }
  | { readonly did: 'listEligibilities'; readonly eligibilities: readonly ObservedEligibility[] }
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
        | 'deleteMethod'
        | 'endTimedRole'
        | 'endEligibility'
        | 'addToUnit'
        | 'removeFromUnit';
      /** It was so already: nothing was changed by this call. */
      readonly already: boolean;
    };

/** What became of one step. `at` is Graph's own `Date` of the answer (whole seconds), null without an answer. */
export type StepOutcome = {
  readonly ref: string;
  readonly at: Instant | null;
  /** How long the answer took, where that is known: what was written was written within it. */
  readonly tookMs?: number;
  /** How much of a limit is used, as far as Graph tells: only above 0.8, and 1 is all of it. */
  readonly throttlePercentage?: number;
} & (
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
  /** When our credential ends, as far as it says so itself: a certificate does, a secret does not. */
  readonly credentialEndsAt: Instant | null;
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
