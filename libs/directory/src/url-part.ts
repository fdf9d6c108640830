/** A text for a URL. Half a character pair, which JSON may hold and a cut may leave, becomes the sign for what is none. */
export const urlPart = (text: string): string =>
  encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
