import { concern, optional, required, withDefault } from './setting.js';
import { baseUrl, size, text, wholeNumber } from './text-schemas.js';

/** How the API is reached. */
export const http = concern('HTTP', {
  host: withDefault(
    { name: 'CURFEW_API_HOST', meaning: 'Address on which the API listens.' },
    text,
    '127.0.0.1',
  ),
  port: withDefault(
    { name: 'CURFEW_API_PORT', meaning: 'Port on which the API listens; 0 takes a free one.' },
    wholeNumber({ min: 0, max: 65_535 }),
    '3000',
  ),
  publicUrl: optional(
    required(
      {
        name: 'CURFEW_PUBLIC_URL',
        meaning:
          'Address by which browsers reach the API from outside, such as https://curfew.example: Entra sends a customer’s admin back there. Without it no consent links are made.',
      },
      baseUrl,
    ),
  ),
  bodyLimitBytes: withDefault(
    { name: 'CURFEW_API_BODY_LIMIT', meaning: 'Largest request body that is read.' },
    size({ min: '1kb', max: '10mb' }),
    '100kb',
  ),
});
