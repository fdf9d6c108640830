import { id, instantIn, line, pageQuery } from './fields.js';
import { problemsOf, routes, type Route } from './index.js';

describe('An id', () => {
  it.each(['019ab0c4-0000-7000-8000-000000000001', '62E90394-69F5-4237-9190-012177145E10'])(
    'takes %s, in lower case',
    (text) => {
      expect(id.parse(text)).toBe(text.toLowerCase());
    },
  );

  it.each(['', 'x', '019ab0c4-0000-7000-8000-00000000000', '019ab0c4-0000-7000-8000-000000000001x', 7, null])(
    'refuses %j',
    (value) => {
      expect(id.safeParse(value).success).toBe(false);
    },
  );
});

describe('An instant', () => {
  it.each(['2026-01-31T09:30:00Z', '2026-01-31T09:30:00.123Z', '2026-01-31T09:30:00+01:00'])(
    'takes %s',
    (text) => {
      expect(Number.isNaN(Date.parse(instantIn.parse(text)))).toBe(false);
    },
  );

  it.each(['', 'tomorrow', '2026-01-31', '2026-01-31T09:30:00', '2026-02-30T09:30:00Z', 1_700_000_000_000])(
    'refuses %j: nobody would know which one is meant',
    (value) => {
      expect(instantIn.safeParse(value).success).toBe(false);
    },
  );
});

describe('A line', () => {
  it('is taken without the blanks around it', () => {
    expect(line(20).parse('  Mailbox stuck ')).toBe('Mailbox stuck');
  });

  it.each(['', '   ', 'a\nb', 'a\rb', 'a\u0000b', 'a\u001b[31mb', 'a\u2028b', 'x'.repeat(21)])(
    'refuses %j',
    (text) => {
      expect(line(20).safeParse(text).success).toBe(false);
    },
  );
});

describe('The query of a list', () => {
  const query = pageQuery({});

  it('asks for 50 unless told otherwise, and for 100 at the most', () => {
    expect(query.parse({})).toEqual({ limit: 50 });
    expect(query.parse({ limit: '100' })).toEqual({ limit: 100 });
  });

  it.each(['0', '101', '-1', '1.5', '1e2', '', 'all', ['1', '2']])('refuses the limit %j', (limit) => {
    expect(query.safeParse({ limit }).success).toBe(false);
  });
});

describe('A route', () => {
  it('that needs a token may refuse it', () => {
    for (const route of Object.values<Route>(routes))
      expect(problemsOf(route).includes(401)).toBe(route.permission !== 'public');
  });

  it('that takes a body may refuse its size and kind', () => {
    for (const route of Object.values<Route>(routes))
      expect(problemsOf(route).includes(413)).toBe(route.method !== 'GET');
  });

  it('with an id in its path may not find it', () => {
    for (const route of Object.values<Route>(routes).filter(({ path }) => path.includes('{id}')))
      expect(problemsOf(route)).toContain(404);
  });

  it('that creates something takes a key to do it once', () => {
    for (const route of Object.values<Route>(routes).filter(({ success }) => success.status === 201))
      expect(Object.keys(route.request.headers?.shape ?? {})).toEqual(['idempotency-key']);
  });
});
