/** What sign-in says when somebody does not simply get in. */
export interface Verdict {
  readonly code: number;
  readonly description: string;
  /** The bearer can satisfy it alone: it does not keep anybody out of a browser. */
  readonly isInterrupt?: boolean;
  /** Kept out, but let to the page that registers methods. */
  readonly mayRegister?: boolean;
}

export const verdicts = {
  unknownUser: {
    code: 50034,
    description:
      'The user account does not exist in the directory. To sign into this application, the account must be added to the directory.',
  },
  disabled: { code: 50057, description: 'The user account is disabled.' },
  locked: {
    code: 50053,
    description:
      "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
  },
  wrongPassword: {
    code: 50126,
    description: 'Error validating credentials due to invalid username or password.',
  },
  unknownKey: { code: 135010, description: "UserPrincipal doesn't have the key ID configured." },
  wrongPass: { code: 130503, description: 'Your Temporary Access Pass is incorrect.' },
  expiredPass: { code: 130502, description: 'Your Temporary Access Pass is expired or not valid yet.' },
  usedPass: { code: 130507, description: 'The Temporary Access Pass can only be used once.' },
  passOff: { code: 130500, description: 'Temporary Access Pass sign-in was blocked by policy.' },
  mustChange: {
    code: 50055,
    description: 'The password is expired and must be changed.',
    isInterrupt: true,
  },
  mustRegister: {
    code: 50079,
    description:
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication. The user is required to enrol for multi-factor authentication.',
    isInterrupt: true,
  },
  needsSecondFactor: {
    code: 50076,
    description:
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access this resource.',
  },
  needsStrength: {
    code: 50074,
    description: 'Strong Authentication is required; the method used does not satisfy the required strength.',
  },
  needsStrengthAndMayRegister: {
    code: 50074,
    description: 'Strong Authentication is required; the method used does not satisfy the required strength.',
    mayRegister: true,
  },
  needsDevice: {
    code: 53000,
    description:
      "Your device is required to be managed to access this resource. The device isn't in the required device state.",
  },
  blocked: {
    code: 53003,
    description:
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
} as const satisfies Record<string, Verdict>;
