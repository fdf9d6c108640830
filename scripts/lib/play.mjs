// What the plays of `npm run demo` share: they say what happens, and throw what deviates from the promise.
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 250;

/** A line with the seconds since the play began. */
export const sayer = () => {
  const began = Date.now();
  return (line) => console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
};

export const expect = (fact, sentence) => {
  if (!fact) throw new Error(`Not as promised. Expected: ${sentence}`);
};

/** Looks again and again until it is so; the deadline is part of the promise. */
export const until = async (look, isSo, timeoutMs) => {
  for (const deadline = Date.now() + timeoutMs; ; await delay(LOOK_EVERY_MS)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline)
      throw new Error(`Not as promised: still ${JSON.stringify(seen)} after ${timeoutMs} ms.`);
  }
};

export const msTo = (instant) => Date.parse(instant) - Date.now();
export const clockOf = (instant) => instant.slice(11, 19);
