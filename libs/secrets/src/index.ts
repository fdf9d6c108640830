export { createKeyFile, keysFrom } from './key-file.js';
export { KeyRingError, withNewEncryptionKey, type KeyFile, type KeyRing } from './key-ring.js';
export { LocalSecretBox } from './local-secret-box.js';
