import { defineErrors } from '#core/shared';

/** Refusals that exist only because there is HTTP in between. */
export const requestErrors = defineErrors({
  'request.invalid': {
    kind: 'invalid',
    title: 'The request is not what this route takes.',
    remedy: 'Mend what `errors` names; openapi/openapi.json describes every route.',
  },
  'request.malformed': {
    kind: 'invalid',
    title: 'The request cannot be read: it is no JSON, or its path is wrongly encoded.',
    remedy: 'Send valid JSON in UTF-8, with Content-Type: application/json.',
  },
  'request.too_large': {
    kind: 'invalid',
    title: 'The request body is larger than what is read.',
    remedy: 'Send less: no route of this API needs so much.',
  },
  'request.not_json': {
    kind: 'invalid',
    title: 'The request body is not JSON, or it is compressed.',
    remedy: 'Send it uncompressed with Content-Type: application/json.',
  },
  'request.too_many': {
    kind: 'unavailable',
    title: 'Too many come here at this moment.',
    remedy: 'Load the page again in some seconds; nothing was taken down, and your link is still good.',
  },
  'route.not_found': {
    kind: 'not_found',
    title: 'There is no such route.',
    remedy: 'Check method and path; openapi/openapi.json lists every route.',
  },
  internal: {
    kind: 'unavailable',
    title: 'Something went wrong that should not.',
    remedy:
      'Try again; if it happens again, give `requestId` to whoever runs this server: the log knows more.',
  },
});
