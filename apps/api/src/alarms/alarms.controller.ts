import { Controller, Inject } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { routes } from '#contracts';
import { decideAlarms, factsAskedAt } from '#core/alarms';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { iso } from '../wire.js';
import { presentAlarm } from './present-alarm.js';

/** As many as the contract lets through; the worst come first. */
const MOST = 100;

@Controller()
export class AlarmsController {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  @Endpoint(routes.listAlarms)
  async listAlarms({ actor }: CallOf<typeof routes.listAlarms>) {
    const asked = factsAskedAt(this.ports.clock.now());
    const facts = await this.ports.alarms.ofOrganization(actor.organizationId, asked);
    const alarms = decideAlarms(facts, asked.now);
    return {
      items: alarms.slice(0, MOST).map(presentAlarm),
      more: alarms.length > MOST,
      at: iso(asked.now),
    };
  }
}
