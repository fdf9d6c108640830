export { adminConsentUrl, type ConsentPage } from './admin-consent.js';
export { cloudsWith, MICROSOFT_CLOUDS, type CloudAddress, type CloudSettings } from './clouds.js';
export { assertionFile } from './federated-token.js';
export { EntraDirectory, type EntraDirectoryOptions } from './entra-directory.js';
export { GraphProbe, type ProbeAnswer, type ProbeRequest } from './graph-probe.js';
export { type UnclassifiedAnswer } from './outcomes.js';
