/** The Redis that the test runner started for this run. */
export const testRedisUrl = (): string => {
  const url = process.env['CURFEW_TEST_REDIS_URL'];
  if (url === undefined || url === '')
    throw new Error('These tests need a Redis: run them with `npm run test:redis`, which starts one.');
  return url;
};
