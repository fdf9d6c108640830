import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSimulator, type TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  setStage,
  startedAt,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const users = [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }];
const permissions = [...usualPermissions, 'Group.ReadWrite.All'];
const minute = 60_000;
const inMinutes = (minutes: number) => new Date(startedAt + minutes * minute).toISOString();

interface Notice {
  changeType: string;
  clientState: string | null;
  resource: string;
  resourceData: { id: string };
}

/** An endpoint that echoes tokens, or whatever a test makes it answer, and keeps what it was told. */
class Receiver {
  readonly notices: Notice[] = [];
  calls = 0;
  answer: (token: string | null) => { status: number; type: string; text: string } = (token) => ({
    status: token === null ? 202 : 200,
    type: 'text/plain',
    text: token ?? '',
  });
  private waiting: { count: number; done: () => void }[] = [];
  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const token = new URL(request.url ?? '/', 'http://localhost').searchParams.get('validationToken');
      const { status, type, text: echoed } = this.answer(token);
      response.writeHead(status, { 'Content-Type': type }).end(echoed);
      this.calls += 1;
      if (token === null && status < 300)
        this.notices.push(...(JSON.parse(text) as { value: Notice[] }).value);
      for (const waiter of this.waiting) if (this.calls >= waiter.count) waiter.done();
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${(this.server.address() as AddressInfo).port}/hook?own=1`;
  }

  /** When it has been called so often. */
  called(count: number): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ count, done });
      if (this.calls >= count) done();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

describe('Change notifications', () => {
  let simulator: TestSimulator;
  let receiver: Receiver;
  let notificationUrl: string;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  beforeEach(async () => {
    receiver = new Receiver();
    notificationUrl = await receiver.open();
  });
  afterEach(async () => {
    await simulator.clearFaults();
    await receiver.close();
  });

  const aSubscription = (changes: object = {}) => ({
    changeType: 'updated,deleted',
    notificationUrl,
    resource: 'users',
    expirationDateTime: inMinutes(60 * 24),
    clientState: 'a shared word',
    ...changes,
  });

  it('S104: an endpoint that echoes the token gets a subscription, and is told what changes', async () => {
    const { graph } = await setStage(simulator, { permissions, users });

    const made = await graph('POST', '/subscriptions', { body: aSubscription() });
    await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'x' } });
    await receiver.called(2);
    await graph('DELETE', `/users/${ann}`);
    await receiver.called(3);
    await graph('DELETE', `/directory/deletedItems/${ann}`);
    await receiver.called(4);

    expect(made).toMatchObject({
      status: 201,
      body: { resource: 'users', clientState: 'a shared word', expirationDateTime: inMinutes(60 * 24) },
    });
    expect(receiver.notices.map(({ changeType, resource }) => [changeType, resource])).toEqual([
      ['updated', `Users/${ann}`],
      ['updated', `Users/${ann}`],
      ['deleted', `Users/${ann}`],
    ]);
    expect(receiver.notices[0]).toMatchObject({ clientState: 'a shared word', resourceData: { id: ann } });
    expect((await simulator.violations()).own).toEqual([]);
  });

  it.each([
    ['an error', { status: 500, type: 'text/plain', text: '' }, 'must respond with 200 OK'],
    ['another text', { status: 200, type: 'text/plain', text: 'ok' }, 'must exactly match validationToken'],
  ])('S104: an endpoint that answers %s to the validation gets none', async (_what, answer, message) => {
    const { graph } = await setStage(simulator, { permissions, users });
    receiver.answer = () => answer;

    const refused = await graph('POST', '/subscriptions', { body: aSubscription() });

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      error: { code: 'ValidationError', message: expect.stringContaining(message) as string },
    });
    expect(valueOf(await graph('GET', '/subscriptions'))).toEqual([]);
  });

  it('S104: nobody but this machine is ever called', async () => {
    const { graph } = await setStage(simulator, { permissions, users });

    for (const url of [
      'https://example.com/hook',
      'http://169.254.169.254/',
      'https://localhost.example/',
      'ftp://127.0.0.1/',
      'no url',
    ]) {
      const refused = await graph('POST', '/subscriptions', {
        body: aSubscription({ notificationUrl: url }),
      });
      expect(refused.body).toMatchObject(
        anError(
          'ValidationError',
          'Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.',
        ),
      );
    }
    expect(receiver.calls).toBe(0);
  });

  it.each([
    ['more than 41,760 minutes', { expirationDateTime: inMinutes(41_761) }],
    ['an end that is past', { expirationDateTime: inMinutes(-1) }],
    ['no end', { expirationDateTime: undefined }],
    ['a clientState of 129 characters', { clientState: 'x'.repeat(129) }],
    ['created, which users do not tell', { changeType: 'created' }],
    ['another resource', { resource: 'me/messages' }],
    ['no resource', { resource: undefined }],
    ['a property that is none', { recourse: 'users' }],
  ])('S104: %s is refused before anybody is called', async (_what, changes) => {
    const { graph } = await setStage(simulator, { permissions, users });

    expect((await graph('POST', '/subscriptions', { body: aSubscription(changes) })).status).toBe(400);
    expect(receiver.calls).toBe(0);
  });

  it('S104: what is shorter than 45 minutes is raised; it can be renewed, reauthorized and deleted', async () => {
    const { graph } = await setStage(simulator, { permissions, users });
    const made = bodyOf(
      await graph('POST', '/subscriptions', { body: aSubscription({ expirationDateTime: inMinutes(5) }) }),
    );
    const path = `/subscriptions/${String(made['id'])}`;

    expect(made['expirationDateTime']).toBe(inMinutes(45));
    const renewed = await graph('PATCH', path, { body: { expirationDateTime: inMinutes(600) } });
    expect(renewed).toMatchObject({
      status: 200,
      body: { expirationDateTime: inMinutes(600), clientState: null },
    });
    expect((await graph('PATCH', path, { body: { resource: 'groups' } })).status).toBe(400);
    expect((await graph('POST', `${path}/reauthorize`)).status).toBe(204);
    expect(valueOf(await graph('GET', '/subscriptions'))).toHaveLength(1);
    expect((await graph('DELETE', path)).status).toBe(204);
    expect((await graph('GET', path)).body).toMatchObject(
      anError('ResourceNotFound', 'The object was not found.'),
    );
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('S104: one object is followed alone, and each kind asks for its own permission', async () => {
    const { graph } = await setStage(simulator, { permissions: ['User.ReadWrite.All'], users });
    await graph('POST', '/subscriptions', { body: aSubscription({ resource: `/users/${ann}` }) });
    await simulator.portal(tenantId, { do: 'patchUser', userId: ann, changes: { jobTitle: 'x' } });
    await receiver.called(2);

    expect(receiver.notices).toHaveLength(1);
    const groups = await graph('POST', '/subscriptions', { body: aSubscription({ resource: 'groups' }) });
    expect(groups.status).toBe(403);
  });

  it.each([
    ['lifecycleNotificationUrl', 'https://localhost/hook', 'Lifecycle notifications are not simulated.'],
    ['includeResourceData', true, 'Notifications with the resource in them are not simulated.'],
  ])('S104: %s is refused: what it asks for would never come', async (name, value, message) => {
    const { graph } = await setStage(simulator, { permissions, users });

    expect(await graph('POST', '/subscriptions', { body: aSubscription({ [name]: value }) })).toMatchObject({
      status: 501,
      body: anError('notSimulated', message),
    });
    expect(receiver.calls).toBe(0);
  });

  it.each([
    ['GET', '/subscriptions', 'Read'],
    ['POST', '/subscriptions', 'Create'],
    ['DELETE', `/subscriptions/${ann}`, 'Delete'],
  ])('S104: %s without a permission is refused as what it is', async (method, path, operation) => {
    const { graph } = await setStage(simulator, { permissions: [] });

    expect(await graph(method, path, method === 'POST' ? { body: aSubscription() } : {})).toMatchObject({
      status: 403,
      body: {
        error: {
          code: 'ExtensionError',
          message: expect.stringContaining(`Operation: ${operation}; Exception:`) as string,
        },
      },
    });
  });

  it('S104: a notification comes late where the tenant says so, and again when it is not taken', async () => {
    const { graph } = await setStage(simulator, {
      permissions,
      users,
      notificationLag: { minMs: 10 * minute, maxMs: 10 * minute },
    });
    await graph('POST', '/subscriptions', { body: aSubscription() });
    await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'x' } });
    await simulator.advance(9 * minute);
    expect(receiver.calls).toBe(1);

    receiver.answer = () => ({ status: 503, type: 'text/plain', text: '' });
    await simulator.advance(minute);
    await receiver.called(2);
    expect(receiver.notices).toEqual([]);
    receiver.answer = () => ({ status: 202, type: 'text/plain', text: '' });
    for (let seconds = 0; receiver.notices.length === 0 && seconds < 100; seconds += 10) {
      await simulator.advance(10_000);
    }
    await receiver.called(3);

    expect(receiver.notices).toHaveLength(1);
  });

  it('S104: a fault on POST /notifications loses them, and an ended subscription gets none', async () => {
    const { graph } = await setStage(simulator, { permissions, users });
    await graph('POST', '/subscriptions', { body: aSubscription() });
    await simulator.addFault({
      match: { method: 'POST', path: '/notifications' },
      times: 1,
      effect: { cut: 'before-commit' },
    });

    await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'lost' } });
    const lost = async () => ((await simulator.faults())[0]?.hits ?? 0) > 0;
    while (!(await lost())) await simulator.advance(1);
    await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'told' } });
    await receiver.called(2);
    await simulator.advance(25 * 60 * minute);
    await simulator.portal(tenantId, { do: 'patchUser', userId: ann, changes: { jobTitle: 'too late' } });
    await simulator.advance(minute);

    expect(receiver.notices).toHaveLength(1);
  });

  it('S104: subscriptions outlive a restart, and nothing is sent once the simulator has ended', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'subscriptions-'));
    const first = await startTestSimulator({ dataDir });
    const stage = await setStage(first, { permissions, users });
    const expirationDateTime = new Date(Date.now() + 60 * minute).toISOString();
    await stage.graph('POST', '/subscriptions', { body: aSubscription({ expirationDateTime }) });
    await first.patchTenant(tenantId, { notificationLag: { minMs: 20, maxMs: 20 } });
    await stage.graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'never told' } });
    await first.stopSimulator();

    const second = await startTestSimulator({ dataDir });
    await second.portal(tenantId, { do: 'patchUser', userId: ann, changes: { jobTitle: 'told' } });
    await receiver.called(2);
    await second.stopSimulator();

    expect(receiver.notices).toHaveLength(1);
  });

  it('S104: with plainNotificationUrls refused only HTTPS is taken', async () => {
    const { graph } = await setStage(simulator, {
      permissions,
      users,
      switches: { plainNotificationUrls: 'refused' },
    });

    expect((await graph('POST', '/subscriptions', { body: aSubscription() })).status).toBe(400);
    expect(receiver.calls).toBe(0);
  });
});
