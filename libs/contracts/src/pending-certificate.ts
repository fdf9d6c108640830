import { z } from 'zod';
import { entraConnection } from './customers.js';
import { id, instantOut, oneById, text } from './fields.js';
import { route } from './route.js';

export const pendingCertificate = z
  .strictObject({
    customerId: id,
    subject: text(1_000),
    thumbprint: text(40).meta({ description: 'SHA-1 in hexadecimal: by it Entra names the certificate.' }),
    thumbprintSha256: text(64),
    startsAt: instantOut,
    endsAt: instantOut,
    createdAt: instantOut,
    certificate: text(16_384).meta({ description: 'The public part as PEM, to upload as .pem or .crt.' }),
    der: text(16_384).meta({ description: 'The same in base64 without lines: decoded it is a .cer file.' }),
  })
  .meta({
    id: 'PendingCertificate',
    description:
      "A certificate that was made here for the customer's app registration. Its private key never leaves, and it gets nobody " +
      'in before it is uploaded there and activated here.',
  });
export type PendingCertificateOut = z.output<typeof pendingCertificate>;

const tag = 'Customers';
const path = '/api/v1/customers/{id}/entra-connection/pending-certificate';

export const pendingCertificateRoutes = {
  makeCertificate: route({
    id: 'makeCertificate',
    tag,
    method: 'POST',
    path,
    permission: 'entra-connection:write',
    summary: "Make a certificate for the customer's app registration",
    description:
      'The answer holds the public part: upload it to the app registration, then activate it, or for the first connection connect ' +
      'with `credential` `{"kind": "pending-certificate"}`. What is in use stays in use until then. One at a time.',
    request: {
      params: oneById,
      body: z.strictObject({
        validDays: z
          .int()
          .min(30)
          .max(730)
          .default(365)
          .meta({ description: 'For how long it is valid. Policies of a tenant may allow less.' }),
      }),
    },
    success: { status: 200, description: 'The certificate.', schema: pendingCertificate },
    refusals: [404, 409],
  }),
  getPendingCertificate: route({
    id: 'getPendingCertificate',
    tag,
    method: 'GET',
    path,
    permission: 'entra-connection:read',
    summary: 'Read the certificate that waits to be activated',
    request: { params: oneById },
    success: { status: 200, description: 'The certificate, without its key.', schema: pendingCertificate },
    refusals: [404],
  }),
  activateCertificate: route({
    id: 'activateCertificate',
    tag,
    method: 'POST',
    path: `${path}/activate`,
    permission: 'entra-connection:write',
    summary: 'Put the certificate that was made here in the place of the credential in use',
    description:
      'The tenant is asked for a token by it first. When Entra refuses it, which it may for some minutes after the upload, the old ' +
      'credential stays in use and the certificate stays pending: try again.',
    request: { params: oneById },
    success: { status: 200, description: 'The connection, by its new credential.', schema: entraConnection },
    refusals: [404, 409],
  }),
  discardCertificate: route({
    id: 'discardCertificate',
    tag,
    method: 'DELETE',
    path,
    permission: 'entra-connection:write',
    summary: 'Throw the certificate away that waits to be activated',
    description: 'Take its public part out of the app registration, too, if it is there.',
    request: { params: oneById },
    success: { status: 200, description: 'It is gone.', schema: pendingCertificate },
    refusals: [404],
  }),
};
