import { HttpException } from '@nestjs/common';
import { DirectoryError, directoryErrors } from '#core/accounts';
import type { Problem, ProblemStatus } from '#contracts';
import { DomainError, type ErrorKind } from '#core/shared';
import { InvalidRequest } from './invalid-request.js';
import { NewerInstead } from './newer-instead.js';
import { requestErrors } from './request.errors.js';

/** A problem document without the id of its request. */
export type Refusal = Omit<Problem, 'requestId'> & { readonly status: ProblemStatus };

const titles: Readonly<Record<ProblemStatus, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The one translator from errors to HTTP. Whatever is not expected says nothing of itself. */
export const errorToProblem = (error: unknown): Refusal => {
  if (error instanceof InvalidRequest)
    return { ...problemOf(requestErrors.refuse('request.invalid')), errors: [...error.faults] };
  const refusal = asDomainError(error);
  const newer = refusal instanceof NewerInstead ? { newer: refusal.newer } : {};
  return { ...newer, ...problemOf(refusal) };
};

const asDomainError = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  if (error instanceof DirectoryError) return directoryErrors.refuse('directory.unavailable');
  return unreadable(error) ?? requestErrors.refuse('internal');
};

/** What the web framework and its body parser throw, told apart by status: their words are not ours. */
const unreadable = (error: unknown): DomainError | null => {
  switch (statusOf(error)) {
    case 400:
      return requestErrors.refuse('request.malformed');
    case 404:
      return requestErrors.refuse('route.not_found');
    case 413:
      return requestErrors.refuse('request.too_large');
    case 415:
      return requestErrors.refuse('request.not_json');
    default:
      return null;
  }
};

const statusOf = (error: unknown): number | null => {
  if (error instanceof HttpException) return error.getStatus();
  const parserError = error as { readonly status?: unknown; readonly type?: unknown } | null;
  const { status, type } = parserError ?? {};
  return typeof type === 'string' && typeof status === 'number' ? status : null;
};

const problemOf = (error: DomainError): Refusal => {
  const status = statusByCode[error.code] ?? statusByKind(error.kind);
  const { code, message: detail, remedy } = error;
  // The facts first: none of them may pass for one of the document's own members.
  return {
    ...error.details,
    type: `urn:curfew:problem:${code}`,
    title: titles[status],
    status,
    code,
    detail,
    remedy,
  };
};

const statusByKind = (kind: ErrorKind): ProblemStatus => {
  switch (kind) {
    case 'invalid':
      return 400;
    case 'forbidden':
      return 403;
    case 'not_found':
      return 404;
    case 'conflict':
      return 409;
    case 'unavailable':
      return 503;
  }
};

/** Where HTTP knows better than the kind. */
const statusByCode: Readonly<Record<string, ProblemStatus>> = {
  'token.missing': 401,
  'token.invalid': 401,
  'request.too_large': 413,
  'request.not_json': 415,
  internal: 500,
};

/** The status with which a code is answered, for the reference. */
export const statusOfCode = (code: string, kind: ErrorKind): ProblemStatus =>
  statusByCode[code] ?? statusByKind(kind);
