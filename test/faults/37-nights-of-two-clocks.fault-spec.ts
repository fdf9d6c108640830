import { refusalOf } from './support/refusals.js';
import { faultScenario } from './support/scenario.js';

const TWO_HOURS_SECONDS = 7_200;
const LASTS_SECONDS = 45;
const HOUR_MS = 3_600_000;

/** Half an hour before clocks change, in Berlin and New York, in spring and autumn. */
const NIGHTS = [
  '2027-03-28T01:30:00+01:00',
  '2027-10-31T02:30:00+02:00',
  '2027-10-31T02:30:00+01:00',
  '2027-03-14T01:30:00-05:00',
  '2027-11-07T01:30:00-04:00',
  '2027-11-07T01:30:00-05:00',
];

interface Span {
  readonly startsAt: string;
  readonly expiresAt: string;
}

faultScenario({
  number: 37,
  title: 'Nights on which clocks change',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  environment: { TZ: 'Europe/Berlin' },
  minutes: 8,
  play: async (ground) => {
    const { msp, stack } = ground;
    // Three processes and the database's sessions, each with another idea of what time it is here.
    await stack.database(async (client) => {
      await client.query("ALTER DATABASE curfew SET timezone = 'America/New_York'");
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'curfew%' AND pid <> pg_backend_pid()",
      );
    });
    await stack.kill('api');
    await stack.start('api', { TZ: 'America/New_York' });
    await stack.kill('revoker');
    await stack.start('revoker', { TZ: 'Australia/Lord_Howe' });
    const grants = await ground.grants();
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    await ground.settle(ends);

    // One that begins and ends by the API's own account of it.
    const { customer, policyId } = await ground.customer('nights', {
      maximumDurationSeconds: TWO_HOURS_SECONDS,
    });
    const wish = { customerId: customer.customerId, policyId };
    const from = Date.now();
    const { id } = await msp.technician.request({ ...wish, durationSeconds: LASTS_SECONDS });
    const { upn, expiresAt } = await msp.reaches(id, 'active');
    const account = { tenantId: customer.tenantId, upn };
    ground.promise(account, from, Date.parse(expiresAt));
    ground.owe({ ...account, expiresAt: Date.parse(expiresAt) });
    await ground.reach(Date.parse(expiresAt));
    await ground.settle();

    // Without its offset 02:30 may be two instants, and is none.
    const startsAt = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS);
    const ask = (text: string) =>
      msp.technician.post<{ grantId: string }>('/access-requests', {
        ...wish,
        durationSeconds: TWO_HOURS_SECONDS,
        startsAt: text,
      });
    expect(await refusalOf(ask(startsAt.toISOString().replace('Z', '')))).toBe('request.invalid');
    const inBerlin = new Date(startsAt.getTime() + HOUR_MS).toISOString().replace('Z', '+01:00');
    const { grantId } = await ask(inBerlin);
    const span = () => msp.technician.get<Span>(`/grants/${grantId}`);
    expect(await span()).toMatchObject({ startsAt: startsAt.toISOString() });

    for (const night of NIGHTS) {
      // Requests reach no further ahead than a month: that row is moved there, and read as everybody reads it.
      await stack.database((client) =>
        client.query(
          `UPDATE access_grant SET starts_at = $1::timestamptz, expires_at = $1::timestamptz + make_interval(secs => $2),
                  latest_expires_at = $1::timestamptz + make_interval(secs => $2) WHERE id = $3`,
          [night, TWO_HOURS_SECONDS, grantId],
        ),
      );
      const seen = await span();
      expect(Date.parse(seen.startsAt)).toBe(Date.parse(night));
      expect(Date.parse(seen.expiresAt) - Date.parse(seen.startsAt)).toBe(TWO_HOURS_SECONDS * 1_000);
    }
    await ground.closed(grants);
  },
});
