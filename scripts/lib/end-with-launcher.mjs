// Preloaded into every child: none outlives its launcher, not even one that is killed before the child could say so.
const LONGEST_END_MS = 15_000;

process.once('disconnect', () => {
  // The child's own listener closes things in order; this is for a child that has none yet, or hangs.
  const hasOwn = process.listenerCount('disconnect') > 0;
  setTimeout(() => process.exit(1), hasOwn ? LONGEST_END_MS : 0).unref();
  if (!hasOwn) process.exit(1);
});
