import { isText, type Json } from '../foundation/json.js';
import { badRequest } from './errors.js';

const form = /\/(?:directoryObjects|users|groups|servicePrincipals)\/([0-9a-f-]{36})$/i;

/** The id that a reference such as `…/directoryObjects/{id}` names. */
export function referredId(reference: unknown): string {
  if (!isText(reference)) throw badRequest("Invalid URL format specified in '@odata.id' in request payload.");
  const id = form.exec(reference)?.[1]?.toLowerCase();
  if (id === undefined) throw badRequest(`Invalid object identifier '${reference}'.`);
  return id;
}

export const referenceIn = (body: Json): string => referredId(body['@odata.id']);

/** How Graph writes an object of the directory as a reference. */
export const referenceTo = (root: string, id: string): string => `${root}/directoryObjects/${id}`;
