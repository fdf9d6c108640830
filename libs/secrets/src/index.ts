export { LocalCertificates } from './certificates/local-certificates.js';
export { createKeyFile } from './key-file.js';
export { type KeySource } from './key-place.js';
export { KeyRingError } from './key-ring.js';
export { KeyVaultError } from './key-vault.js';
export { LiveKeys, START_PATIENCE_MS, type LiveKeysOptions } from './live-keys.js';
export { LocalSecretBox } from './local-secret-box.js';
