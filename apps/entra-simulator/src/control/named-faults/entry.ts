import type { NamedFault } from '../contract.js';

/** Every request to Graph, batches and their parts among them; sign-in is not Graph. */
export const anyGraph = '^/(?!oauth2/)';
export const tokenPath = '/oauth2/v2.0/token';

type Origin = Pick<NamedFault, 'scenario' | 'nasty' | 'source'>;

/** Where an entry comes from, as `S018 N5 C`; `-` for what has no number. */
export function from(text: string): Origin {
  const [scenario = '-', nasty = '-', source] = text.split(' ');
  return {
    scenario: scenario === '-' ? null : scenario,
    nasty: nasty === '-' ? null : nasty,
    source: source as NamedFault['source'],
  };
}
