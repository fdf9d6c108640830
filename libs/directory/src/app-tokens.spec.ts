import { DirectoryError, type DirectoryErrorReason } from '#core/accounts';
import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { AppTokens } from './app-tokens.js';
import { signInError } from './sign-in-error.js';
import type { AppToken } from './token-request.js';

const HOUR_MS = 3_600_000;
const app: EntraApp = {
  connectionId: idOf('c'),
  version: 1,
  cloud: 'global',
  tenantId: 't',
  clientId: 'a',
  credential: { kind: 'secret', value: new Secret('s') },
};

const refusal = (reason: DirectoryErrorReason): DirectoryError =>
  new DirectoryError(reason, 'refused', {
    retry: 'later',
    workload: 'sign-in',
    status: 401,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });

describe('AppTokens', () => {
  let now: number;
  let requested: EntraApp[];
  let failure: (() => DirectoryError) | null;
  let tokens: AppTokens;

  beforeEach(() => {
    now = Date.UTC(2026, 0, 5, 12);
    requested = [];
    failure = null;
    const request = (from: EntraApp): Promise<AppToken> => {
      requested.push(from);
      if (failure !== null) return Promise.reject(failure());
      const value = `token ${requested.length}`;
      return Promise.resolve({
        value,
        roles: new Set(),
        servicePrincipalId: null,
        obtainedAt: now,
        expiresAt: now + HOUR_MS,
      });
    };
    tokens = new AppTokens(request, () => now);
  });
  const get = (from = app): Promise<string> => tokens.get(from).then(({ value }) => value);

  it('asks once for many who want a token at the same time, and beside their work again when five minutes are left', async () => {
    expect(await Promise.all([get(), get(), get()])).toEqual(['token 1', 'token 1', 'token 1']);
    now += HOUR_MS - 6 * 60_000;
    expect(await get()).toBe('token 1');
    now += 2 * 60_000;
    expect(await Promise.all([get(), get()])).toEqual(['token 1', 'token 1']);
    expect(await get()).toBe('token 2');
    expect(requested).toHaveLength(2);
  });

  it('never hands a token to another credential, version or tenant of the same connection', async () => {
    await get();

    await get({ ...app, credential: { kind: 'secret', value: new Secret('other') } });
    await get({ ...app, version: 2 });
    await get({ ...app, tenantId: 'other' });

    expect(requested).toHaveLength(4);
  });

  it('uses what it has when it cannot be renewed, until it is nearly over', async () => {
    await get();
    failure = () => signInError(null, 'down', now);
    now += HOUR_MS - 4 * 60_000;

    expect(await Promise.all([get(), get()])).toEqual(['token 1', 'token 1']);
    now += 4 * 60_000;
    await expect(get()).rejects.toBeInstanceOf(DirectoryError);
    expect(requested).toHaveLength(3);
  });

  it('remembers a wrong credential for 5 s, so that hundreds who try it are one request', async () => {
    failure = () => refusal('credential_bad');

    const tries = await Promise.allSettled(Array.from({ length: 300 }, () => get()));
    now += 4_999;
    await expect(get()).rejects.toMatchObject({ reason: 'credential_bad' });

    expect(tries.every(({ status }) => status === 'rejected')).toBe(true);
    expect(requested).toHaveLength(1);
    failure = null;
    now += 1;
    expect(await get()).toBe('token 2');
  });

  it('remembers silence for a second only, and a throttle no longer than Entra asks', async () => {
    failure = () => signInError(null, 'down', now);
    await expect(get()).rejects.toMatchObject({ reason: 'unanswered' });
    failure = () => signInError({ status: 429, body: '', retryAfter: '2' }, 'why', now);
    now += 1_000;
    await expect(get()).rejects.toMatchObject({ reason: 'throttled' });
    failure = null;
    now += 1_999;
    await expect(get()).rejects.toMatchObject({ reason: 'throttled' });
    now += 1;

    expect(await get()).toBe('token 3');
  });

  it('forgets a failure with the credential or the version that it was for', async () => {
    failure = () => refusal('credential_bad');
    await expect(get()).rejects.toBeInstanceOf(DirectoryError);
    failure = null;

    expect(await get({ ...app, version: 2 })).toBe('token 2');
    expect(await get({ ...app, version: 2, credential: { kind: 'secret', value: new Secret('n') } })).toBe(
      'token 3',
    );
  });

  it('lets the token that lacks a consent do, while there is no newer one', async () => {
    await get();
    now += 60_000;
    tokens.distrust(app);
    failure = () => refusal('throttled');

    expect(await get()).toBe('token 1');
    expect(await get()).toBe('token 1');
    expect(requested).toHaveLength(2);
  });

  it('asks once for three hundred who find the token at its end', async () => {
    await get();
    now += HOUR_MS;

    const got = await Promise.all(Array.from({ length: 300 }, () => get()));

    expect(new Set(got)).toEqual(new Set(['token 2']));
    expect(requested).toHaveLength(2);
  });

  it('renews a refused token once for all who were refused with it', async () => {
    const refused = await tokens.get(app);

    const renewed = await Promise.all([tokens.renew(app, refused), tokens.renew(app, refused)]);
    const late = await tokens.renew(app, refused);

    expect([...renewed, late].map(({ value }) => value)).toEqual(['token 2', 'token 2', 'token 2']);
  });

  it('asks for no more than one token in ten seconds when each of them is refused', async () => {
    for (let second = 0; second < 25; second += 1) {
      const refused = await tokens.get(app);
      await tokens.renew(app, refused);
      now += 1_000;
    }

    expect(requested).toHaveLength(4);
  });

  it('does not hand out a token again that was refused, as soon as it may ask for another', async () => {
    const first = await tokens.get(app);
    tokens.doubt(app, first);
    const second = await tokens.get(app);
    tokens.doubt(app, second);

    expect(second.value).toBe('token 2');
    expect(await get()).toBe('token 2');
    now += 10_000;
    expect(await get()).toBe('token 3');
  });

  it('does not doubt a token for the refusal of the one before it', async () => {
    const first = await tokens.get(app);
    await tokens.renew(app, first);
    now += 60_000;
    tokens.doubt(app, first);

    expect(await get()).toBe('token 2');
  });

  it('looks for new consent at most once a minute', async () => {
    await get();
    tokens.distrust(app);
    expect(await get()).toBe('token 1');
    now += 60_000;
    tokens.distrust(app);
    expect(await get()).toBe('token 2');
  });
});
