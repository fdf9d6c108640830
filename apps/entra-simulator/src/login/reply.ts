import type { Json } from '../foundation/json.js';

export interface LoginReply {
  readonly status: number;
  /** A text: the consent page, or what a fault garbles. */
  readonly body?: Json | string;
  readonly headers?: Readonly<Record<string, string>>;
}
