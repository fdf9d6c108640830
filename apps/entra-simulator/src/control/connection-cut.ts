/** The connection is dropped without an answer. */
export class ConnectionCut extends Error {}
