/**
 * Histories that once broke a promise, each with what was wrong. They are played always. What a seed means changes with what
 * the model draws: whoever changes that lets each mend go once, and looks for a seed that notices.
 */
export const pinnedSeeds: readonly (readonly [number, string])[] = [
  [88, 'what was answered as taken, and was not, went unread for as long as something else was refused'],
  [209, 'the next try of an end was forgotten when that of a step which nobody wanted any more was over'],
  [1_135, 'a create that was not answered was looked up by the object of an earlier one'],
  [
    1_188,
    'what only a lost claimant remembered was taken for held, and a grant that began then went without',
  ],
  [1_327, 'an account of whose object nobody knows was owed for ever what a lost claimant remembered of it'],
  [
    1_508,
    'a 204 that did nothing was read back by nobody while the workers slept, though the revoker was awake',
  ],
  [4_003, 'a disable waited out its refusal although the role that was its reason had been found and taken'],
  [4_076, 'an object that vanished between two grants left both of them ending, with no look to come'],
  [
    579,
    'Graph answered a disable and, after a pause of the worker, a delete with 204 and did neither: no reading was taken for as new as the delete.',
  ],
];
