/** A refusal of the control API; its text is for the person who wrote the test. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
