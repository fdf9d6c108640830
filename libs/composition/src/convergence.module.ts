import { Module } from '@nestjs/common';
import {
  AnswerBell,
  Converge,
  ConvergeCustomer,
  DriftPass,
  DriftSweep,
  RevealCredentials,
  Sweep,
} from '#core/convergence';
import { PORTS, type Ports } from './ports.js';
import { useCase } from './use-case.js';

@Module({
  providers: [
    useCase(Converge),
    {
      provide: DriftSweep,
      useFactory: (ports: Ports) => {
        const own = { ...ports, unitOfWork: ports.sweepUnitOfWork ?? ports.unitOfWork };
        return new DriftSweep(own, new DriftPass(own, new Converge(own)));
      },
      inject: [PORTS],
    },
    {
      provide: ConvergeCustomer,
      useFactory: (ports: Ports, converge: Converge) => new ConvergeCustomer(ports, converge),
      inject: [PORTS, Converge],
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
      useFactory: (ports: Ports) => {
        const own = { ...ports, unitOfWork: ports.sweepUnitOfWork ?? ports.unitOfWork };
        return new Sweep(own, new ConvergeCustomer(own, new Converge(own)));
      },
      inject: [PORTS],
    },
  ],
  exports: [AnswerBell, Converge, ConvergeCustomer, DriftSweep, RevealCredentials, Sweep],
})
export class ConvergenceModule {}
