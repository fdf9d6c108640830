import { Module } from '@nestjs/common';
import {
  AnswerBell,
  Converge,
  ConvergeCustomer,
  DisablesFirst,
  DriftPass,
  DriftSweep,
  RevealCredentials,
  Sweep,
  Unreturned,
} from '#core/convergence';
import { PORTS, type Ports } from './ports.js';

/** Over the connections of the sweep, which nobody else uses up. */
const sweeping = (ports: Ports): Ports => ({
  ...ports,
  unitOfWork: ports.sweepUnitOfWork ?? ports.unitOfWork,
});

@Module({
  providers: [
    // One for the whole process: whoever takes roles waits for everybody's disables, a sweep's and a bell's.
    { provide: DisablesFirst, useFactory: () => new DisablesFirst() },
    {
      provide: Converge,
      useFactory: (ports: Ports, disables: DisablesFirst) => new Converge(ports, disables),
      inject: [PORTS, DisablesFirst],
    },
    {
      provide: Unreturned,
      // One for the whole process: what a bell could not give back, the next sweep does.
      useFactory: (ports: Ports) => new Unreturned(sweeping(ports)),
      inject: [PORTS],
    },
    {
      provide: DriftSweep,
      useFactory: (ports: Ports, unreturned: Unreturned, disables: DisablesFirst) => {
        const own = sweeping(ports);
        return new DriftSweep(own, new DriftPass(own, new Converge(own, disables), unreturned));
      },
      inject: [PORTS, Unreturned, DisablesFirst],
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
      useFactory: (ports: Ports, unreturned: Unreturned, disables: DisablesFirst) => {
        const own = sweeping(ports);
        const converging = new ConvergeCustomer(own, new Converge(own, disables), unreturned);
        return new Sweep(own, converging, unreturned);
      },
      inject: [PORTS, Unreturned, DisablesFirst],
    },
  ],
  exports: [AnswerBell, Converge, ConvergeCustomer, DriftSweep, RevealCredentials, Sweep],
})
export class ConvergenceModule {}
