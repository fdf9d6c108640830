import type { Domain } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';

export const findDomain = (tenant: Tenant, name: string): Domain | undefined =>
  tenant.config.domains.find((one) => one.name.toLowerCase() === name.toLowerCase());

/** Adds the domain, or puts it in the place of the one of that name; there is one default at a time. */
export function putDomain(writer: Writer, domain: Domain): void {
  const { domains } = writer.tenant.config;
  const others = domain.isDefault ? domains.map((one) => ({ ...one, isDefault: false })) : [...domains];
  const at = others.findIndex((one) => one.name === domain.name);
  if (at < 0) others.push(domain);
  else others[at] = domain;
  writer.configure({ domains: others });
}

/** The customer puts the record of the proof into his DNS; false: there is no such domain. */
export function proveDomain(writer: Writer, name: string): boolean {
  const domain = findDomain(writer.tenant, name);
  if (domain === undefined) return false;
  putDomain(writer, { ...domain, isProven: true });
  return true;
}
