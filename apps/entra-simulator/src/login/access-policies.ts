import { randomUUID } from 'node:crypto';
import type { Json } from '../foundation/json.js';
import type { AccessPolicy } from '../state/model-sign-in.js';
import type { Writer } from '../state/writer.js';

export function addAccessPolicy(writer: Writer, body: Json): AccessPolicy {
  const policy: AccessPolicy = { id: randomUUID(), body, createdAt: writer.at, modifiedAt: null };
  writer.put('accessPolicies', policy.id, policy);
  return policy;
}

/** A part that is named replaces the whole of that part, as Graph has it. */
export function changeAccessPolicy(writer: Writer, policy: AccessPolicy, changes: Json): void {
  const body = { ...policy.body, ...changes };
  writer.put('accessPolicies', policy.id, { ...policy, body, modifiedAt: writer.at });
}

export function removeAccessPolicy(writer: Writer, policy: AccessPolicy): void {
  writer.put('accessPolicies', policy.id, undefined);
}
