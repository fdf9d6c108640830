export interface Match<T> {
  readonly target: T;
  readonly params: Record<string, string>;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter?: { name: string; node: Node<T> };
  readonly targets: Map<string, T>;
}

const emptyNode = <T>(): Node<T> => ({ literals: new Map(), targets: new Map() });

/**
 * Graph's paths as segments: `users('x')` is `users/x`, `servicePrincipals(appId='x')` a literal and a parameter.
 * Literals are compared without case, as Graph does.
 */
export function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    if (raw === '') continue;
    const keyed = /^([^(]+)\((?:(\w+)=)?'?([^')]+)'?\)$/.exec(raw);
    if (keyed === null) segments.push(raw);
    else segments.push(keyed[2] === undefined ? keyed[1]! : `${keyed[1]}(${keyed[2]})`, keyed[3]!);
  }
  return segments.map(decode);
}

/** A route's shape, to compare paths of different sources: lower case, `{}` for every parameter. */
export const shapeOf = (path: string): string =>
  segmentsOf(path)
    .map((segment) => (segment.startsWith('{') ? '{}' : segment.toLowerCase()))
    .join('/');

export class Router<T> {
  private readonly root: Node<T> = emptyNode();

  add(method: string, path: string, target: T): void {
    let node = this.root;
    for (const segment of segmentsOf(path)) node = descend(node, segment);
    node.targets.set(method, target);
  }

  /** Undefined: no such path. A match without a target for the method says which methods there are. */
  find(method: string, path: string): Match<T> | { allowed: string[] } | undefined {
    const params: Record<string, string> = {};
    let node: Node<T> | undefined = this.root;
    for (const segment of segmentsOf(path)) node = follow(node, segment, params);
    if (node === undefined || node.targets.size === 0) return undefined;
    const target = node.targets.get(method);
    return target === undefined ? { allowed: [...node.targets.keys()] } : { target, params };
  }
}

function descend<T>(node: Node<T>, segment: string): Node<T> {
  if (segment.startsWith('{')) {
    node.parameter ??= { name: segment.slice(1, -1), node: emptyNode() };
    return node.parameter.node;
  }
  const key = segment.toLowerCase();
  const next = node.literals.get(key) ?? emptyNode<T>();
  node.literals.set(key, next);
  return next;
}

function follow<T>(
  node: Node<T> | undefined,
  segment: string,
  params: Record<string, string>,
): Node<T> | undefined {
  if (node === undefined) return undefined;
  const key = segment.toLowerCase();
  const literal = node.literals.get(key) ?? node.literals.get(key.replace(/^microsoft\.graph\./, ''));
  if (literal !== undefined) return literal;
  if (node.parameter === undefined) return undefined;
  params[node.parameter.name] = segment;
  return node.parameter.node;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
