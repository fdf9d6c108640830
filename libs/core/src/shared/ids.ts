declare const brand: unique symbol;

/** A string that only passes where an id of its own kind is wanted. */
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

/** One MSP. */
export type OrganizationId = Id<'organization'>;
/** A company that the MSP looks after. */
export type CustomerId = Id<'customer'>;
/** A person of the organization who signs in. */
export type TechnicianId = Id<'technician'>;
/** A user object in a customer's tenant that Curfew created and owns (our id, not Entra's). */
export type AccountId = Id<'account'>;
/** An approved request in time. */
export type GrantId = Id<'grant'>;
/** A named set of technicians. */
export type TechnicianGroupId = Id<'technician group'>;
/** What a technician asked for. */
export type RequestId = Id<'request'>;
/** What a kill switch leaves behind. */
export type HoldId = Id<'hold'>;
/** Validate for many customers at once. */
export type ValidationRunId = Id<'validation run'>;
/** A named bundle of who may ask for what. */
export type PolicyId = Id<'policy'>;
/** The way by which Curfew acts in a customer's tenant. */
export type ConnectionId = Id<'connection'>;
/** A certificate that was made here. */
export type CertificateId = Id<'certificate'>;
/** What was asked of a customer's admin. */
export type ConsentId = Id<'consent'>;
/** An app registration of the organization's own. */
export type OrganizationAppId = Id<'organization app'>;

/** Entra's own ids; kept apart from ours by type. */
export type ObjectId = Id<'entra object'>;
/** Template id of a built-in directory role, or id of a custom one. */
export type RoleId = Id<'entra role'>;
/** Object id of an Entra group. */
export type GroupId = Id<'entra group'>;
/** Object id of an administrative unit. */
export type UnitId = Id<'entra unit'>;

/** Takes a string that is known to be an id of that kind (read from a row, a contract or Graph). */
export const idOf = <Kind extends string>(value: string): Id<Kind> => value as Id<Kind>;
