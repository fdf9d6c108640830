/** One thing that is wrong with a request. */
export interface RequestFault {
  readonly path: string;
  readonly reason: string;
}

/** A request that does not fit its route's schemas. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(readonly faults: readonly RequestFault[]) {
    super('The request does not fit its route.');
  }
}
