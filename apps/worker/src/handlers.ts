import type { AnswerBell } from '#core/convergence';
import type { Handlers } from '#jobs';

/** The use cases that jobs call. */
export interface WorkerUseCases {
  readonly answerBell: AnswerBell;
}

/** The whole map from jobs to use cases. */
export const handlersFor = ({ answerBell }: WorkerUseCases): Handlers => ({
  'customer.converge': (customer) => answerBell.execute(customer),
});
