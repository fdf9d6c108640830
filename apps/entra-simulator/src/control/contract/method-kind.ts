export type MethodKind = 'fido2' | 'softwareOath' | 'phone' | 'microsoftAuthenticator';
