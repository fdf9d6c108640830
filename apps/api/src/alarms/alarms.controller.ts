import { Controller, Inject } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { routes } from '#contracts';
import { alarmsAfter, besideUnwritable, decideAlarms, factsAskedAt, placeOf } from '#core/alarms';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { iso, pageOf } from '../wire.js';
import { presentAlarm } from './present-alarm.js';

@Controller()
export class AlarmsController {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  @Endpoint(routes.listAlarms)
  async listAlarms({ actor, query }: CallOf<typeof routes.listAlarms>) {
    const { cursor, limit } = query;
    const asked = factsAskedAt(this.ports.clock.now());
    const facts = await this.ports.alarms.ofOrganization(actor.organizationId, asked);
    const unwritableSince = this.ports.alarms.unwritableSince();
    const alarms = besideUnwritable(decideAlarms(facts, asked.now), unwritableSince, asked.now);
    const page = alarmsAfter(alarms, cursor ?? null).slice(0, limit);
    return {
      ...pageOf(page, { limit, present: presentAlarm, cursor: placeOf }),
      total: alarms.length,
      at: iso(asked.now),
    };
  }
}
