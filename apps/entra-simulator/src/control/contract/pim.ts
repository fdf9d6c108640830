/** What a tenant's policy asks of assignments that an administrator makes. */
export interface AssignmentRules {
  /** ISO 8601, in days and time: `PT8H`, `P180D`. */
  maximumDuration: string;
  /** False: an assignment may also be for ever. */
  isExpirationRequired: boolean;
  enabledRules: ('Justification' | 'MultiFactorAuthentication' | 'Ticketing')[];
}

export interface RolePolicySpec {
  /** Display name or template id; left out: every role that has no policy of its own. */
  role?: string;
  active?: Partial<AssignmentRules>;
  eligible?: Partial<AssignmentRules>;
}

export interface PimSettings {
  /** What an app may send in a tenant before it is throttled. Microsoft publishes no number. */
  requestsPerMinute: number;
  /** How long an assignment takes to be carried out; until then its request is pending. */
  provisioningMs: number;
}

export interface TrueSchedule {
  id: string;
  kind: 'active' | 'eligible';
  roleId: string;
  roleName: string;
  directoryScopeId: string;
  startDateTime: string;
  /** Null: for ever. */
  endDateTime: string | null;
  /** It has started. An eligible role gives no power all the same. */
  isInForce: boolean;
}
