import type { ConvergeCustomer } from '#core/convergence';
import type { Handlers } from '#jobs';

/** The use cases that jobs call. */
export interface WorkerUseCases {
  readonly convergeCustomer: ConvergeCustomer;
}

/** The whole map from jobs to use cases. */
export const handlersFor = ({ convergeCustomer }: WorkerUseCases): Handlers => ({
  'customer.converge': async (customer) => void (await convergeCustomer.execute(customer)),
});
