import { sharedErrors } from '#core/shared';
import type { GuardLook } from '#core/restoring';
import { createLogger } from '../logging/logger.js';
import { GuardWatch } from './guard-watch.js';

const WELL: GuardLook = { guarded: true, restoringSince: null, finished: false };

describe('The watch over restored backups', () => {
  it('does not let a process start that can not tell', async () => {
    const guard = { look: () => Promise.reject(sharedErrors.refuse('database.unavailable')) };
    const watch = new GuardWatch(guard, createLogger({ name: 'test', level: 'silent' }));
    await expect(watch.start()).rejects.toMatchObject({ code: 'database.unavailable' });
  });

  it('looks once more at the end, whatever comes of it', async () => {
    let looks = 0;
    const look = (): Promise<GuardLook> => {
      looks += 1;
      return looks === 1 ? Promise.resolve(WELL) : Promise.reject(new Error('gone'));
    };
    const watch = new GuardWatch({ look }, createLogger({ name: 'test', level: 'silent' }));
    await watch.start();
    await watch.stop();
    expect(looks).toBe(2);
  });
});
