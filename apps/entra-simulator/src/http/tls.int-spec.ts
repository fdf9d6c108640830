import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverIdentity } from './tls.js';

const loopback = '127.0.0.1';

describe("The server's certificate", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-tls-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const certificateFor = async (host: string) =>
    new X509Certificate((await serverIdentity(folder, host)).certPem);

  it('is by an authority of its own, for this machine alone', async () => {
    const { caPem, certPem } = await serverIdentity(undefined, loopback);
    const certificate = new X509Certificate(certPem);

    expect(certificate.verify(new X509Certificate(caPem).publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
  });

  it("is kept with its authority, whose key is no one else's to read", async () => {
    const first = await serverIdentity(folder, loopback);
    const second = await serverIdentity(folder, loopback);

    expect(second).toEqual({ ...first, caFile: join(folder, 'ca.pem') });
    expect(statSync(join(folder, 'server.json')).mode & 0o077).toBe(0);
  });

  it('names the host that is listened on as well, and is made anew for another', async () => {
    await certificateFor(loopback);

    expect((await certificateFor('entra.test')).checkHost('entra.test')).toBe('entra.test');
    expect((await certificateFor('192.0.2.7')).checkIP('192.0.2.7')).toBe('192.0.2.7');
  });

  it('stays the same when every address is listened on, which is no name', async () => {
    const before = await certificateFor(loopback);

    expect((await certificateFor('0.0.0.0')).fingerprint256).toBe(before.fingerprint256);
  });
});
