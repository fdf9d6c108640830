import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

const VALUE = 'correct horse battery staple';
const secret = new Secret(VALUE);

describe('Secret', () => {
  it('gives its value out only when asked to', () => {
    expect(secret.expose()).toBe(VALUE);
  });

  it.each([
    ['String()', String(secret)],
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- printing it by mistake is the case
    ['a template', `${secret}`],
    ['an array joined', [secret].join()],
    ['JSON', JSON.stringify(secret)],
    ['JSON of what holds it', JSON.stringify({ password: secret, list: [secret] })],
    ['the inspector', inspect(secret)],
    ['the inspector with everything shown', inspect({ deep: { secret } }, { depth: null, showHidden: true })],
    ['the inspector without custom printing', inspect(secret, { customInspect: false, showHidden: true })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error that carries it', inspect(Object.assign(new Error('refused'), { cause: secret }))],
    ['its own properties', JSON.stringify([Object.entries(secret), { ...secret }])],
    ['its keys', Reflect.ownKeys(secret).join()],
  ])('never prints its value by way of %s', (_way, text) => {
    expect(text).not.toContain(VALUE);
  });

  it('says that something was left out', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '[redacted]',
      '"[redacted]"',
      '[redacted]',
    ]);
  });

  it('is not carried into a clone', () => {
    expect(inspect(structuredClone({ secret }), { depth: null })).not.toContain(VALUE);
  });
});
