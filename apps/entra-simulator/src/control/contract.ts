// What the control API takes and answers. Types only: the test client compiles against this file.

export type * from './contract/evidence.js';
export type * from './contract/faults.js';
export type * from './contract/json.js';
export type * from './contract/pim.js';
export type * from './contract/portal.js';
export type * from './contract/sign-in.js';
export type * from './contract/tenant.js';
export type * from './contract/truth.js';
