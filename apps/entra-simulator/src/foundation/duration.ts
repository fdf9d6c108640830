const form = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const days = 24 * hours;

/** Milliseconds of an ISO 8601 duration in days and time, the only form that Graph takes; else undefined. */
export function durationMs(text: string): number | undefined {
  const found = form.exec(text);
  if (found === null || text.endsWith('P') || text.endsWith('T')) return undefined;
  const [d, h, m, s] = found.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return d! * days + h! * hours + m! * minutes + s! * seconds;
}
