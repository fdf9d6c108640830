import { Module } from '@nestjs/common';
import {
  AnswerBell,
  Converge,
  ConvergeCustomer,
  DriftPass,
  DriftSweep,
  RevealCredentials,
  Sweep,
  Unreturned,
} from '#core/convergence';
import { PORTS, type Ports } from './ports.js';
import { useCase } from './use-case.js';

/** Over the connections of the sweep, which nobody else uses up. */
const sweeping = (ports: Ports): Ports => ({
  ...ports,
  unitOfWork: ports.sweepUnitOfWork ?? ports.unitOfWork,
});

@Module({
  providers: [
    useCase(Converge),
    {
      provide: Unreturned,
      // One for the whole process: what a bell could not give back, the next sweep does.
      useFactory: (ports: Ports) => new Unreturned(sweeping(ports)),
      inject: [PORTS],
    },
    {
      provide: DriftSweep,
      useFactory: (ports: Ports, unreturned: Unreturned) => {
        const own = sweeping(ports);
        return new DriftSweep(own, new DriftPass(own, new Converge(own), unreturned));
      },
      inject: [PORTS, Unreturned],
    },
    {
      provide: ConvergeCustomer,
      useFactory: (ports: Ports, converge: Converge, unreturned: Unreturned) =>
        new ConvergeCustomer(ports, converge, unreturned),
      inject: [PORTS, Converge, Unreturned],
    },
    {
      provide: AnswerBell,
      useFactory: (ports: Ports, convergeCustomer: ConvergeCustomer) =>
        new AnswerBell(ports, convergeCustomer),
      inject: [PORTS, ConvergeCustomer],
    },
    {
      provide: RevealCredentials,
      useFactory: (ports: Ports, converge: Converge) => new RevealCredentials(ports, converge),
      inject: [PORTS, Converge],
    },
    {
      provide: Sweep,
      // All the way to the last transaction of its work on connections of its own.
      useFactory: (ports: Ports, unreturned: Unreturned) => {
        const own = sweeping(ports);
        return new Sweep(own, new ConvergeCustomer(own, new Converge(own), unreturned), unreturned);
      },
      inject: [PORTS, Unreturned],
    },
  ],
  exports: [AnswerBell, Converge, ConvergeCustomer, DriftSweep, RevealCredentials, Sweep],
})
export class ConvergenceModule {}
