import { DirectoryError } from '#core/accounts';
import { Secret, sharedErrors } from '#core/shared';
import { createLogger, logFailure, type Logger } from './logger.js';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

const listen = (): { logger: Logger; output: () => string; lines: () => Line[] } => {
  let output = '';
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line) => void (output += line) },
  });
  return {
    logger,
    output: () => output,
    lines: () =>
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
  };
};

const TOKEN = 'curfew_0123456789abcdefghijABCDEFGHIJ_a1B2c3';
const JWT = 'eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOnRydWV9.c2lnbmF0dXJl';
const PASSWORD = 'Canary-Pa55word';

const withCause = (message: string, cause: unknown): Error => new Error(message, { cause });
const withRequest = (): Error =>
  Object.assign(new Error('refused'), {
    request: { headers: { Authorization: `Bearer ${JWT}` }, body: PASSWORD },
  });
const cyclic = (): object => {
  const ring: Record<string, unknown> = { password: PASSWORD };
  ring['self'] = ring;
  return ring;
};
const nested = (levels: number): unknown =>
  levels === 0 ? { clientSecret: PASSWORD } : { deeper: [nested(levels - 1)] };

describe('The log', () => {
  it.each<[string, (logger: Logger) => void]>([
    ['a Secret', (log) => log.info({ value: new Secret(PASSWORD), list: [new Secret(PASSWORD)] }, 'x')],
    [
      'a Secret as an argument',
      (log) => log.info('value %s %o %j', new Secret(PASSWORD), { s: new Secret(PASSWORD) }, []),
    ],
    ['a token in a message', (log) => log.info(`sent ${TOKEN} and ${JWT}`)],
    ['a token as an argument', (log) => log.info('sent %s', TOKEN)],
    ['a password in a message', (log) => log.info(`login?user=a&password=${PASSWORD}&x=1`)],
    ['a password in JSON in a message', (log) => log.info(`body {"clientSecret":"${PASSWORD}"}`)],
    ['a password in a URL', (log) => log.info({ url: new URL(`postgres://app:${PASSWORD}@db/x`) }, 'x')],
    ['a header', (log) => log.info({ headers: { authorization: PASSWORD, 'set-cookie': [PASSWORD] } }, 'x')],
    [
      'keys that name secrets',
      (log) =>
        log.info(
          {
            password: PASSWORD,
            pass: PASSWORD,
            client_secret: PASSWORD,
            temporaryAccessPass: { a: PASSWORD },
          },
          'x',
        ),
    ],
    ['keys that name secrets, deep', (log) => log.info({ nested: nested(4) }, 'x')],
    ['more depth than is printed', (log) => log.info({ nested: nested(40) }, 'x')],
    ['a map', (log) => log.info({ map: new Map([['password', PASSWORD]]) }, 'x')],
    ['a cycle', (log) => log.info(cyclic(), 'x')],
    ['bytes', (log) => log.info({ bytes: Buffer.from(PASSWORD) }, 'x')],
    ['an error', (log) => log.error(new Error(`password: ${PASSWORD} ${JWT}`))],
    ['an error with a message', (log) => log.error(new Error(`password: ${PASSWORD}`), `token=${PASSWORD}`)],
    [
      'the cause of an error',
      (log) =>
        log.error({ err: withCause('x', withCause(`secret=${PASSWORD}`, { password: PASSWORD })) }, 'x'),
    ],
    ['an error that carries a request', (log) => log.error({ err: withRequest() }, 'x')],
    ['a collection of errors', (log) => log.error(new AggregateError([new Error(TOKEN)], JWT))],
    [
      'what a child logger is bound to',
      (log) => log.child({ session: { token: PASSWORD }, secret: new Secret(PASSWORD) }).info('x'),
    ],
    [
      'a private key',
      (log) => log.info(`-----BEGIN PRIVATE KEY-----\n${PASSWORD}\n-----END PRIVATE KEY-----`),
    ],
  ])('does not show %s', (_what, write) => {
    const { logger, output, lines } = listen();

    write(logger);

    expect(lines()).toHaveLength(1);
    for (const canary of [TOKEN, JWT, PASSWORD]) expect(output()).not.toContain(canary);
  });

  it('keeps what is no secret', () => {
    const { logger, lines } = listen();

    logger.info(
      { customerId: 'c1', attempt: 2, passed: true, hasPassword: false, at: new Date(0) },
      'converged %s',
      'c1',
    );

    expect(lines()[0]).toMatchObject({
      level: 'info',
      name: 'test',
      msg: 'converged c1',
      customerId: 'c1',
      attempt: 2,
      passed: true,
      hasPassword: false,
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('stays one line whatever is logged, and holds no character that a terminal obeys', () => {
    const { logger, output, lines } = listen();
    const forged = 'x\n{"level":"error","msg":"forged"}\r\u001b[31m\u2028\u009b1m\u202e';

    logger.info({ name2: forged, [forged]: 1 }, forged);

    expect(lines()).toHaveLength(1);
    expect(lines()[0]?.msg).toBe(forged);
    // eslint-disable-next-line no-control-regex -- these are the characters that must not come out
    expect(output().slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
  });

  it('shows what child loggers are bound to, from all generations', () => {
    const { logger, lines } = listen();

    logger.child({ requestId: 'r1' }).child({ customerId: 'c1' }).info('x');

    expect(lines()[0]).toMatchObject({ requestId: 'r1', customerId: 'c1' });
  });

  it('survives what cannot be printed', () => {
    const { logger, lines } = listen();
    const thrower = {
      get broken(): never {
        throw new Error('no');
      },
    };

    logger.info({ thrower, big: 7n, fn: () => 1 }, 'still here');

    expect(lines()[0]?.msg).toBe('still here');
  });
});

describe('A failure', () => {
  it('that the product expects is logged at info, with code and kind', () => {
    const { logger, lines } = listen();

    logFailure(logger, sharedErrors.refuse('idempotency.key_reused', { field: 'x' }), 'refused');

    expect(lines()[0]).toMatchObject({
      level: 'info',
      msg: 'refused',
      err: { type: 'DomainError', code: 'idempotency.key_reused', kind: 'conflict', details: { field: 'x' } },
    });
  });

  it('of a directory is expected too, and says why', () => {
    const { logger, lines } = listen();
    const facts = {
      retry: 'later',
      workload: 'directory',
      status: 429,
      code: null,
      retryAfterSeconds: 7,
      requestId: null,
    } as const;

    logFailure(logger, new DirectoryError('throttled', 'Too many requests', facts), 'later');

    expect(lines()[0]).toMatchObject({
      level: 'info',
      err: { reason: 'throttled', facts: { retryAfterSeconds: 7 } },
    });
  });

  it('that nobody expects is an error, with its stack', () => {
    const { logger, lines } = listen();

    logFailure(logger, new TypeError('x is not a function'), 'broke');

    expect(lines()[0]).toMatchObject({
      level: 'error',
      err: {
        type: 'TypeError',
        message: 'x is not a function',
        stack: expect.stringContaining('logger.spec') as string,
      },
    });
  });
});
