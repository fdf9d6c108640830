/** The value below which this share of the numbers lies, interpolated. */
export const quantile = (numbers, share) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
};

export const median = (numbers) => quantile(numbers, 0.5);

/** Median, and the interval in which nine of ten numbers lie. */
export const spread = (numbers) => ({
  p50: median(numbers),
  p5: quantile(numbers, 0.05),
  p95: quantile(numbers, 0.95),
});
