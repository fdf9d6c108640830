import { grantErrors } from '#core/grants';
import { patiently } from './patiently.js';

/** As little patience as there is. */
const hasty = { longestMs: 20, pauseMs: 1 };

describe('patiently', () => {
  it('tries again when the refusal passes by itself', async () => {
    let tries = 0;

    const answer = await patiently(() => {
      tries += 1;
      return tries === 1
        ? Promise.reject(grantErrors.refuse('grant.pass_not_ready'))
        : Promise.resolve('pass');
    });

    expect([answer, tries]).toEqual(['pass', 2]);
  });

  it('tells any other refusal at once', async () => {
    let tries = 0;

    await expect(
      patiently(() => {
        tries += 1;
        return Promise.reject(grantErrors.refuse('grant.too_many_reveals'));
      }),
    ).rejects.toMatchObject({ code: 'grant.too_many_reveals' });

    expect(tries).toBe(1);
  });

  it('waits longer after each try, so that the log of tries stays short', async () => {
    let tries = 0;
    const refused = () => {
      tries += 1;
      return Promise.reject(grantErrors.refuse('grant.pass_not_ready'));
    };

    await expect(patiently(refused, { longestMs: 75, pauseMs: 5 })).rejects.toMatchObject({
      code: 'grant.pass_not_ready',
    });

    // Four pauses are 10 of the 15 that there is time for, and a fifth would be 5 more.
    expect(tries).toBeLessThanOrEqual(5);
    expect(tries).toBeGreaterThan(1);
  });

  it('gives up in time, with the last refusal', async () => {
    await expect(
      patiently(() => Promise.reject(grantErrors.refuse('grant.pass_not_ready')), hasty),
    ).rejects.toMatchObject({ code: 'grant.pass_not_ready' });
  });
});
