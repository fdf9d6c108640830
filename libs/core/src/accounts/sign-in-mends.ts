/** What Entra's refusals of a token mean for an admin, by Entra's own code. Source: entra/identity-platform/reference-error-codes. */
const MENDS: Readonly<Partial<Record<string, string>>> = {
  AADSTS7000215:
    'The client secret is wrong. Copy its value (shown once, when it is made), not its id; or make a new one and exchange the credential.',
  AADSTS7000222:
    'The client secret has run out. Make a new one in the app registration, better a certificate, and exchange the credential.',
  AADSTS700016:
    'There is no such app in this tenant. Check the client id and the tenant id; for an app of several tenants have an administrator of the customer consent to it.',
  AADSTS90002: 'There is no such tenant in this cloud. Check the tenant id, and the cloud.',
  AADSTS500011:
    'Microsoft Graph is not known in the tenant. Check tenant id and cloud; a tenant that was made this minute may need some more.',
  AADSTS7000112:
    "The app's service principal is switched off. In Entra, under Enterprise applications, set “Enabled for users to sign-in” to yes.",
  AADSTS7000218: 'Entra got neither secret nor certificate. Exchange the credential.',
  AADSTS700027:
    'The certificate is not registered with the app, or has run out. Upload its public part to the app registration, or exchange the credential.',
  AADSTS70021:
    'No federated credential of the app fits. Compare issuer, subject and audience, letter by letter.',
  AADSTS700211:
    'No federated credential of the app names the issuer of the workload token. Compare it, letter by letter.',
  AADSTS700212:
    'No federated credential of the app names the audience of the workload token. Compare it, letter by letter.',
  AADSTS700213:
    'No federated credential of the app names the subject of the workload token. Compare it, letter by letter.',
  AADSTS700024: 'The clocks differ too much. Set the clock of the machine that Curfew runs on.',
  AADSTS70011: 'Entra refuses the scope. Check that the cloud is the right one.',
  AADSTS53003:
    'A Conditional Access policy for workload identities stops the app. Let it through from the addresses that Curfew calls from.',
  AADSTS90055: 'Entra asks to wait. Try again in some minutes.',
  AADSTS90033: 'Entra is in trouble for the moment. Try again in some minutes.',
  AADSTS90006: 'Entra is in trouble for the moment. Try again in some minutes.',
  AADSTS90024: 'Entra is in trouble for the moment. Try again in some minutes.',
  AADSTS65004: 'The consent was declined. Have an administrator of the customer consent to the app.',
  AADSTS90094: 'An administrator has to consent. Have one of the customer consent to the app.',
};

/** The mend of a code that has words of its own. */
export const knownSignInMend = (code: string | null): string | null => MENDS[code ?? ''] ?? null;

/** What to do about a refused token. `code`: Entra's, null where it gave none. */
export const signInMend = (code: string | null): string =>
  knownSignInMend(code) ??
  (code === null
    ? 'Look at the network between Curfew and Entra: names, firewall, proxy, certificates. Then run Validate again.'
    : `Check tenant id, client id and credential. Entra's code is ${code}: learn.microsoft.com/entra/identity-platform/reference-error-codes tells more.`);

/** The codes that have words of their own. */
export const KNOWN_SIGN_IN_CODES: readonly string[] = Object.keys(MENDS);
