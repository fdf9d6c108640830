// What dom.js offers, for the tests; of the document it needs no more than this.

export interface Made {
  setAttribute(name: string, value: string): void;
  addEventListener(name: string, listener: () => void): void;
  append(...nodes: unknown[]): void;
}
export interface Maker {
  createElement(name: string): Made;
  createTextNode(text: string): unknown;
}

export function builder<D extends Maker>(
  document: D,
): (
  name: string,
  attributes?: Record<string, string | undefined | (() => void)>,
  ...children: unknown[]
) => ReturnType<D['createElement']>;
