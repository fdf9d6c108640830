import { BadRequestException, NotFoundException } from '@nestjs/common';
import { DirectoryError } from '#core/accounts';
import { grantErrors } from '#core/grants';
import { identityErrors } from '#core/identity';
import { DomainError, sharedErrors } from '#core/shared';
import { problem } from '#contracts';
import { errorCatalog } from '../reference/reference.js';
import { errorToProblem, statusOfCode } from './error-to-problem.js';
import { InvalidRequest } from './invalid-request.js';

const parserError = (status: number, type: string): Error =>
  Object.assign(new Error('the body was: s3cret'), { status, type });

const directoryError = new DirectoryError('throttled', 'TooManyRequests: s3cret', {
  retry: 'later',
  workload: 'directory',
  status: 429,
  code: 'TooManyRequests',
  retryAfterSeconds: 3,
  requestId: null,
});

describe('errorToProblem', () => {
  it.each<[string, unknown, number, string]>([
    [
      'a rule that was broken',
      grantErrors.refuse('grant.extension_not_later'),
      400,
      'grant.extension_not_later',
    ],
    ['a missing token', identityErrors.refuse('token.missing'), 401, 'token.missing'],
    ['a useless token', identityErrors.refuse('token.invalid'), 401, 'token.invalid'],
    ['a missing permission', identityErrors.refuse('permission.missing'), 403, 'permission.missing'],
    ['what is not there', grantErrors.refuse('grant.not_found'), 404, 'grant.not_found'],
    ['a state that does not allow it', grantErrors.refuse('grant.already_ended'), 409, 'grant.already_ended'],
    ['a database that is away', sharedErrors.refuse('database.unavailable'), 503, 'database.unavailable'],
    ['a statement that took too long', sharedErrors.refuse('database.timed_out'), 503, 'database.timed_out'],
    ['rows that somebody holds', sharedErrors.refuse('database.locked'), 503, 'database.locked'],
    ['a directory that asks to wait', directoryError, 503, 'directory.unavailable'],
    ['a request that does not fit', new InvalidRequest([]), 400, 'request.invalid'],
    ['an unknown path', new NotFoundException('Cannot GET /s3cret'), 404, 'route.not_found'],
    ['a body that cannot be read', new BadRequestException('s3cret'), 400, 'request.malformed'],
    ['a body that was cut off', parserError(400, 'request.aborted'), 400, 'request.malformed'],
    ['a body that is too large', parserError(413, 'entity.too.large'), 413, 'request.too_large'],
    ['a compressed body', parserError(415, 'encoding.unsupported'), 415, 'request.not_json'],
    ['anything else', new TypeError('s3cret is not a function'), 500, 'internal'],
    [
      'an error that pretends to have a status',
      Object.assign(new Error('s3cret'), { status: 404 }),
      500,
      'internal',
    ],
    ['what is not even an error', 's3cret', 500, 'internal'],
    ['nothing', undefined, 500, 'internal'],
  ])('says of %s what its code says, and nothing more', (...[, error, status, code]) => {
    const refusal = errorToProblem(error);

    expect(refusal).toMatchObject({ status, code, type: `urn:curfew:problem:${code}` });
    expect(problem.safeParse({ ...refusal, requestId: 'r' }).success).toBe(true);
    expect(JSON.stringify(refusal)).not.toContain('s3cret');
  });

  it('adds the facts that help, and lets none of them pass for a member of its own', () => {
    const error = new DomainError(
      'grant.not_found',
      { kind: 'not_found', title: 'There is no such grant.', remedy: 'Look.' },
      { grantId: 'g1', status: 200, code: 'all.well' },
    );

    expect(errorToProblem(error)).toMatchObject({ grantId: 'g1', status: 404, code: 'grant.not_found' });
  });

  it('names each fault of a request', () => {
    const faults = [{ path: 'body.name', reason: 'must not be empty' }];

    expect(errorToProblem(new InvalidRequest(faults))).toMatchObject({ errors: faults });
  });
});

describe('The catalog of errors', () => {
  it('says of every code what it means and what to do', () => {
    for (const [code, { title, remedy }] of Object.entries(errorCatalog)) {
      expect(code).toMatch(/^([a-z_]+\.[a-z_][a-z0-9_]*|internal)$/);
      expect(title).toMatch(/\.$/);
      expect(remedy.length).toBeGreaterThan(8);
    }
  });

  it('has a status for every code', () => {
    const statuses = Object.entries(errorCatalog).map(([code, { kind }]) => statusOfCode(code, kind));

    expect(statuses.every((status) => status >= 400 && status < 600)).toBe(true);
  });
});
