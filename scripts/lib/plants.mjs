// Bugs for `npm run planted`: a line of the source, and what stands there instead.
export const plants = [
  {
    what: 'An end that trusts a 204',
    file: 'libs/core/src/convergence/advance-grants.ts',
    is: 'const evidence = neverMade(account) ? nothingWasMade(now) : proof;',
    becomes: 'const evidence = proof ?? nothingWasMade(now);',
  },
  {
    what: 'A claim without epoch',
    file: 'libs/core/src/testing/in-memory-account-store.ts',
    is: '.filter((row) => row.epoch === epochs.get(row.id))',
    becomes: '.filter((row) => epochs.has(row.id))',
  },
  {
    what: 'An enable without may_hold',
    file: 'libs/core/src/convergence/held.ts',
    is: `          enabled: sum.enabled ?? 'maybe',
          // One`,
    becomes: `          enabled: sum.enabled,
          // One`,
  },
];
