import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { ReadCatalogue, type CatalogueName } from '#core/access';
import type { Actor } from '#core/identity';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { CustomerReader } from './customer-reader.js';
import { placeIn } from './catalogue-cursor.js';
import {
  presentDomain,
  presentDirectoryGroup,
  presentDirectoryRole,
  presentPart,
  presentUnit,
} from './present-directory.js';

interface Wish {
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly fresh: boolean;
  readonly limit: number;
}

/** What a customer's tenant has to choose from. */
@Controller()
export class DirectoryController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly catalogue: ReadCatalogue,
  ) {}

  @Endpoint(routes.listDirectoryDomains)
  async listDirectoryDomains({ actor, params, query }: CallOf<typeof routes.listDirectoryDomains>) {
    return presentPart(await this.part(actor, params.id, { list: 'domains', ...query }), presentDomain);
  }

  @Endpoint(routes.listDirectoryGroups)
  async listDirectoryGroups({ actor, params, query }: CallOf<typeof routes.listDirectoryGroups>) {
    return presentPart(
      await this.part(actor, params.id, { list: 'groups', ...query }),
      presentDirectoryGroup,
    );
  }

  @Endpoint(routes.listDirectoryRoles)
  async listDirectoryRoles({ actor, params, query }: CallOf<typeof routes.listDirectoryRoles>) {
    return presentPart(await this.part(actor, params.id, { list: 'roles', ...query }), presentDirectoryRole);
  }

  @Endpoint(routes.listDirectoryUnits)
  async listDirectoryUnits({ actor, params, query }: CallOf<typeof routes.listDirectoryUnits>) {
    return presentPart(await this.part(actor, params.id, { list: 'units', ...query }), presentUnit);
  }

  private async part<Name extends CatalogueName>(
    actor: Actor,
    id: string,
    { list, search, cursor, fresh, limit }: Wish & { readonly list: Name },
  ) {
    const after = placeIn(cursor);
    const { id: customerId, organizationId } = await this.customers.one(actor, id, 'directory:read');
    const of = { organizationId, customerId, list, search: search ?? null };
    return this.catalogue.execute<Name>({ ...of, fresh, after, limit });
  }
}
