/**
 * Histories that once broke a promise, each with what was wrong. They are played always. What a seed means changes with what
 * the model draws: whoever changes that lets each mend go once, and looks for a seed that notices.
 */
export const pinnedSeeds: readonly (readonly [number, string])[] = [
  [88, 'what was answered as taken, and was not, went unread for as long as something else was refused'],
  [209, 'the next try of an end was forgotten when that of a step which nobody wanted any more was over'],
];
