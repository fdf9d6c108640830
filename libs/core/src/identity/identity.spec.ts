import { accountName } from '#core/accounts';
import { isUsablePrefix, isUsableUsername } from '#core/tenancy';
import { HOUR, idOf, Secret } from '#core/shared';
import { FakeClock, FakeIds, FakeSecretBox, InMemoryUnitOfWork } from '#core/testing';
import { AuthenticateToken } from './authenticate-token.js';
import { CreateApiToken, type CreateApiTokenCommand } from './create-api-token.js';
import { CreateOrganization } from './create-organization.js';
import { CreateTechnician } from './create-technician.js';
import { mayAtAll, PERMISSIONS, seesAll } from './permission.js';
import { RevokeApiToken } from './revoke-api-token.js';
import { roleCovers } from './role-covers.js';
import type { TechnicianRole } from './technician.js';
import { generateToken } from './token-text.js';

const DAY = 24 * HOUR;
const ROLES: readonly TechnicianRole[] = ['owner', 'admin', 'approver', 'technician', 'auditor'];

const setUp = async (role: TechnicianRole = 'technician') => {
  const unitOfWork = new InMemoryUnitOfWork();
  const [ids, clock, box] = [new FakeIds(), new FakeClock(), new FakeSecretBox()];
  const ports = { unitOfWork, ids, clock, box, doorway: unitOfWork.doorway };
  const actor = { kind: 'console' } as const;
  const organization = await new CreateOrganization(ports).execute({
    slug: 'acme',
    name: 'Acme',
    prefix: 'jit-',
  });
  const organizationId = organization.id;
  const createTechnician = (username: string) =>
    new CreateTechnician(ports).execute({ organizationId, username, displayName: 'Ada', role, actor });
  const technician = await createTechnician('Ada');
  const createToken = (wish: Partial<CreateApiTokenCommand> = {}) =>
    new CreateApiToken(ports).execute({
      organizationId,
      technicianId: technician.id,
      role: null,
      days: null,
      actor,
      ...wish,
    });
  const authenticate = (token: Secret) => new AuthenticateToken(ports).execute(token);
  return { ports, actor, organization, technician, createTechnician, createToken, authenticate };
};

describe('CreateOrganization', () => {
  it('begins the audit log of the new organization', async () => {
    const { ports, organization } = await setUp();

    expect(ports.unitOfWork.peek().organizations).toEqual([organization]);
    expect(ports.unitOfWork.peek().audit[0]).toMatchObject({
      action: 'organization.created',
      actor: { kind: 'console' },
    });
  });

  it.each(['acme', 'Acme', '-acme', 'acme-', 'ac me', '', 'a'.repeat(41), 'ac.me'])(
    'refuses the slug %j',
    async (slug) => {
      const { ports } = await setUp();
      const code = slug === 'acme' ? 'organization.exists' : 'organization.slug_invalid';

      await expect(
        new CreateOrganization(ports).execute({ slug, name: 'Other', prefix: 'jit-' }),
      ).rejects.toMatchObject({ code });
    },
  );

  it.each(['', 'Jit-', '-jit', 'j..t', 'jit ', 'ä', 'j'.repeat(17)])(
    'refuses the prefix %j',
    async (prefix) => {
      const { ports } = await setUp();

      await expect(
        new CreateOrganization(ports).execute({ slug: 'other', name: 'Other', prefix }),
      ).rejects.toMatchObject({ code: 'organization.prefix_invalid' });
    },
  );
});

describe('CreateTechnician', () => {
  it('keeps the username in lower case', async () => {
    const { technician } = await setUp();

    expect(technician).toMatchObject({ username: 'ada', state: 'active' });
  });

  it('refuses a name that is taken, in whatever case', async () => {
    const { createTechnician } = await setUp();

    await expect(createTechnician('ADA')).rejects.toMatchObject({ code: 'technician.exists' });
  });

  it.each(['', 'a b', 'ada.', 'ada.2', 'a..b', '@da', 'ada@contoso.com', 'a'.repeat(41)])(
    'refuses the username %j',
    async (username) => {
      const { createTechnician } = await setUp();

      await expect(createTechnician(username)).rejects.toMatchObject({ code: 'technician.username_invalid' });
    },
  );

  it('takes no username of which, with a prefix that was taken, no account can be named', () => {
    const usernames = ['a', 'a-b_c.d', '0'.repeat(40), 'ada', 'a.b.c'].filter(isUsableUsername);
    const prefixes = ['j', 'jit-', 'jit_', 'a_b.c-', '0123456789abcdef'].filter(isUsablePrefix);

    for (const prefix of prefixes)
      for (const username of usernames)
        expect(accountName({ prefix }, { username, domain: 'x.example' })).toContain(username);
  });
});

describe('CreateApiToken', () => {
  it('shows the token once and keeps its digest', async () => {
    const { createToken, ports } = await setUp();

    const { token, kept } = await createToken();

    expect(kept).toMatchObject({
      role: 'technician',
      digest: ports.box.digest(token.expose()),
      expiresAt: ports.clock.now() + 30 * DAY,
    });
    expect(JSON.stringify(ports.unitOfWork.peek())).not.toContain(token.expose());
  });

  it.each([0, 91, 1.5, -1, Number.NaN])('refuses %p days', async (days) => {
    const { createToken, ports } = await setUp();

    await expect(createToken({ days })).rejects.toMatchObject({ code: 'token.lifetime_invalid' });
    expect(ports.unitOfWork.peek().tokens).toEqual([]);
  });

  it('refuses more rights than its technician has', async () => {
    const { createToken } = await setUp('approver');

    await expect(createToken({ role: 'admin' })).rejects.toMatchObject({ code: 'token.role_too_high' });
    expect((await createToken({ role: 'technician' })).kept.role).toBe('technician');
  });

  it('knows no other technician', async () => {
    const { createToken } = await setUp();

    await expect(
      createToken({ technicianId: idOf('0190a000-0000-7000-8000-0000000000aa') }),
    ).rejects.toMatchObject({ code: 'technician.not_found' });
  });
});

describe('A role', () => {
  it('covers only roles that may do nothing that it may not', () => {
    for (const role of ROLES)
      for (const other of ROLES.filter((each) => roleCovers(role, each))) {
        const beyond = PERMISSIONS.filter(
          (each) =>
            (mayAtAll(other, each) && !mayAtAll(role, each)) ||
            (seesAll(other, each) && !seesAll(role, each)),
        );
        expect({ role, other, beyond }).toEqual({ role, other, beyond: [] });
      }
  });

  it('covers itself', () => {
    expect(ROLES.every((role) => roleCovers(role, role))).toBe(true);
  });
});

describe('AuthenticateToken', () => {
  it('tells who holds the token', async () => {
    const { createToken, authenticate, organization, technician } = await setUp('admin');
    const { token, kept } = await createToken({ role: 'approver' });

    expect(await authenticate(token)).toEqual({
      organizationId: organization.id,
      technicianId: technician.id,
      username: 'ada',
      displayName: 'Ada',
      role: 'approver',
      tokenId: kept.id,
    });
  });

  it('refuses from the instant on at which the token expires', async () => {
    const { createToken, authenticate, ports } = await setUp();
    const { token } = await createToken({ days: 1 });
    ports.clock.advance(DAY - 1);
    expect((await authenticate(token)).username).toBe('ada');

    ports.clock.advance(1);

    await expect(authenticate(token)).rejects.toMatchObject({ code: 'token.invalid' });
  });

  it('refuses what was revoked, at once', async () => {
    const { createToken, authenticate, ports, organization, actor } = await setUp();
    const { token, kept } = await createToken();
    const revoke = () =>
      new RevokeApiToken(ports).execute({ organizationId: organization.id, tokenId: kept.id, actor });

    await revoke();

    await expect(authenticate(token)).rejects.toMatchObject({ code: 'token.invalid' });
    await expect(revoke()).rejects.toMatchObject({ code: 'token.not_found' });
    expect(ports.unitOfWork.peek().audit.at(-1)).toMatchObject({ action: 'api_token.revoked' });
  });

  it.each(['', 'curfew_', 'Bearer x', 'curfew_000000000000000000000000000000_000000'])(
    'refuses %j without asking the database',
    async (text) => {
      const { ports } = await setUp();
      const closed = { organizationOfToken: () => Promise.reject(new Error('asked')) };

      await expect(
        new AuthenticateToken({ ...ports, doorway: { ...ports.doorway, ...closed } }).execute(
          new Secret(text),
        ),
      ).rejects.toMatchObject({ code: 'token.invalid' });
    },
  );

  it('looks up once whose token it is, and each time whether it still counts', async () => {
    const { ports, createToken, organization, actor } = await setUp();
    const { token, kept } = await createToken();
    let lookedUp = 0;
    const doorway = {
      organizationOfToken: (digest: string) => {
        lookedUp += 1;
        return ports.doorway.organizationOfToken(digest);
      },
      organizationOfSlug: (slug: string) => ports.doorway.organizationOfSlug(slug),
    };
    const authenticate = new AuthenticateToken({ ...ports, doorway });

    await authenticate.execute(token);
    await authenticate.execute(token);
    expect(lookedUp).toBe(1);

    await new RevokeApiToken(ports).execute({ organizationId: organization.id, tokenId: kept.id, actor });
    await expect(authenticate.execute(token)).rejects.toMatchObject({ code: 'token.invalid' });
  });

  it('refuses a well-made token that nobody has', async () => {
    const { ports } = await setUp();

    await expect(new AuthenticateToken(ports).execute(generateToken(new FakeIds(7)))).rejects.toMatchObject({
      code: 'token.invalid',
    });
  });
});
