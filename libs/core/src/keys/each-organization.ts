import type { Clockwork, OrganizationId } from '#core/shared';

const PAGE = 100;

/** Every organization with a customer: no other has anything sealed. */
export async function* eachOrganization(
  clockwork: Pick<Clockwork, 'organizations'>,
): AsyncGenerator<OrganizationId> {
  for (let after: OrganizationId | null = null; ;) {
    const page: readonly OrganizationId[] = await clockwork.organizations(PAGE, after);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1) ?? null;
  }
}
