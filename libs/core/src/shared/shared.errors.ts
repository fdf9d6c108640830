import { defineErrors } from './domain-error.js';

export const sharedErrors = defineErrors({
  'database.unavailable': {
    kind: 'unavailable',
    title: 'The database does not answer.',
    remedy:
      'Try again in a few seconds. What was sent may or may not have been done: repeat it with the same Idempotency-Key.',
  },
  'database.unwritable': {
    kind: 'unavailable',
    title: 'The database can be read, but takes no writes.',
    remedy:
      'Try again in a few minutes; nothing was changed. Its disk may be full, or it is a replica that nobody has promoted ' +
      '(docs/runbooks/database-away.md). Ends are kept meanwhile.',
  },
  'database.timed_out': {
    kind: 'unavailable',
    title: 'The database is there, but did not carry this out in the time that it is given.',
    remedy:
      'Try again in a few seconds, with the same Idempotency-Key: what was sent may or may not have been done. If it stays, ' +
      'something makes these rows slow (docs/runbooks/row-slow.md).',
  },
  'database.locked': {
    kind: 'unavailable',
    title: 'Somebody has held the rows that this needs for longer than anything of Curfew does.',
    remedy:
      'Try again in a few seconds; nothing was changed. If it stays, end the session that holds them (docs/runbooks/row-slow.md).',
  },
  'database.contended': {
    kind: 'conflict',
    title: 'Others were changing the same things at the same moment, several times in a row.',
    remedy: 'Try again; nothing was changed.',
  },
  'idempotency.key_reused': {
    kind: 'conflict',
    title: 'This Idempotency-Key was already used for another request body or operation.',
    remedy: 'Use a new key for a new request; repeat a request with the very same body.',
  },
  'secret.unreadable': {
    kind: 'unavailable',
    title: 'A sealed value cannot be opened.',
    remedy:
      'Check that the key file is the one that this database was written with (docs/runbooks/rotate-keys.md).',
  },
});
