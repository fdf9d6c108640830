import type { ToldConsent } from '#core/consenting';

/** Texts of ours alone: nothing that anybody has sent comes into a page. */
const pages = {
  told_yes: {
    title: 'Thank you',
    text: [
      'Your answer was taken down. Your service provider now asks Microsoft Entra whether the consent is there; that can take some minutes.',
      'You can close this page. Nothing more is needed from you here.',
    ],
  },
  told_no: {
    title: 'Consent was not given',
    text: [
      'Microsoft Entra has sent you back without a consent. Your service provider is told so, and can send you a new link.',
      'Only a Global Administrator or a Privileged Role Administrator of your organization can consent.',
    ],
  },
  other_tenant: {
    title: 'This link is for another organization',
    text: [
      'The link was made for another Microsoft Entra tenant than the one that you have signed in to. Nothing was connected.',
      'If you did consent, delete the enterprise application in your tenant again, and tell your service provider.',
    ],
  },
  used: {
    title: 'This link was used before',
    text: [
      'Its answer was taken down then. If something is amiss, ask your service provider for a new link.',
    ],
  },
  no_link: {
    title: 'This link is not good any more',
    text: [
      'It has ended, was replaced by a newer one, or was never made here. Ask your service provider for a new link.',
    ],
  },
} as const satisfies Readonly<
  Record<ToldConsent, { readonly title: string; readonly text: readonly string[] }>
>;

/** The page for somebody who has come back: no script, no style, nothing that loads anything. */
export const consentPageOf = (told: ToldConsent): string => {
  const { title, text } = pages[told];
  const paragraphs = text.map((each) => `<p>${each}</p>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main>
<h1>${title}</h1>
${paragraphs}
</main></body>
</html>
`;
};
