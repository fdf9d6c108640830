import { describeCertificates } from './certificates.contract.js';
import { FakeCertificates } from './fake-certificates.js';

describeCertificates('FakeCertificates', () => {
  const certificates = new FakeCertificates();
  return { certificates, pfxOf: ({ pem }, password) => certificates.pfx(pem.expose(), password) };
});
