import { defineErrors } from '#core/shared';

export const keysErrors = defineErrors({
  'keys.not_found': {
    kind: 'not_found',
    title: 'The key ring holds no such encryption key.',
    remedy: 'List its keys with `curfew keys status`.',
  },
  'keys.sealing': {
    kind: 'conflict',
    title: 'This key seals what is written now.',
    remedy: 'Rotate first: `curfew keys rotate`.',
  },
  'keys.in_use': {
    kind: 'conflict',
    title: 'Something still needs this key: a value is sealed under it, or a process seals with it.',
    remedy: 'Run `curfew keys reseal`, look at `curfew keys status`, and try again.',
  },
  'keys.held_back': {
    kind: 'conflict',
    title: 'A running process has not taken up the changed key ring, and nothing goes on before it has.',
    remedy:
      'Give that process the changed ring, or end it; who is silent counts as gone after two minutes. Then repeat the command: it ' +
      'goes on where it stopped (docs/runbooks/rotate-keys.md).',
  },
});
