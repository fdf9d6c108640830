export interface SignInAttempt {
  userPrincipalName: string;
  password?: string;
  temporaryAccessPass?: string;
}
/**
 * `ok`: the credential lets its bearer in. An interrupt that the bearer can satisfy alone (first MFA
 * registration, forced password change) leaves `ok` true and is named in `error`.
 */
export interface SignInResult {
  ok: boolean;
  error?: string;
  description?: string;
  roles: { id: string; name: string }[];
  groups: { id: string; name: string }[];
  mfa: 'satisfied' | 'registration-required';
}
