import { z } from 'zod';

/** A logo is part of every sign-in, so it is small. */
const MAX_LOGO_BYTES = 32 * 1024;

/** How files of the kinds begin that a page may show, dots for any byte: pictures that hold no script and no link, as SVG can. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  png: '89504e470d0a1a0a',
  jpeg: 'ffd8ff',
  webp: '52494646........57454250',
};

/** What is wrong with a logo, and what to do; undefined where nothing is. */
export const logoProblem = (uri: string): string | undefined => {
  if (uri === '') return undefined;
  const [, kind = '', base64 = ''] = /^data:image\/(png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri) ?? [];
  const beginning = BEGINNINGS[kind];
  if (beginning === undefined) {
    return 'Must be a PNG, JPEG or WebP picture as data:image/png;base64,… (or jpeg, webp), or empty for our mark.';
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_LOGO_BYTES) {
    return `Is a picture of ${bytes.length} bytes; make it at most ${MAX_LOGO_BYTES}.`;
  }
  if (!new RegExp(`^${beginning}`).test(bytes.toString('hex', 0, 12))) {
    return `Says that it is ${kind}, and its content is not; save the picture as ${kind}, or name what it is.`;
  }
  return undefined;
};

/** Settings of the service `assent` for how our pages present the realm; empty ones are ours. */
export const brandSettings = {
  brandName: z
    .string()
    .max(60, 'Must have at most 60 characters.')
    .regex(
      /^(?!\s)[^\p{Cc}]*(?<!\s)$/u,
      'Must be one line without blanks at its ends, or empty for the name of the realm.',
    )
    .default('')
    .meta({ title: 'Name that people see' }),
  brandLogo: z
    .string()
    .superRefine((uri, context) => {
      const message = logoProblem(uri);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .default('')
    .meta({ title: 'Logo, as a data URI' }),
  brandColor: z
    .string()
    .regex(/^(#[0-9a-f]{6})?$/i, 'Must be a colour such as #0b6b4d, or empty for ours.')
    .default('')
    .meta({ title: 'Colour of buttons and links' }),
};
