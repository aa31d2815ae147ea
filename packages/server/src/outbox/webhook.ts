import { secretMeta, textFiller } from '@assent/engine';
import { z } from 'zod';
import { SIGNING_KEY, signingKeyFrom } from '../settings/setting-values.ts';

/** Under what a realm keeps a webhook. */
export const webhookKey = (name: string): string => `webhook/${name}`;

/** Our service with the key that a realm signs its webhooks with. */
export const WEBHOOKS_SERVICE = 'webhooks';

export const webhooksService = z.object({
  signingKey: z
    .string()
    .regex(SIGNING_KEY, 'Must be whsec_ and 24 to 64 random bytes in base64.')
    .meta(secretMeta({ title: 'Key that webhooks are signed with', goesWith: [] })),
});

/** The bytes of a signing key; undefined where the service of a realm has none. */
export const signingKeyOf = (config: Readonly<Record<string, unknown>> | undefined): Buffer | undefined =>
  signingKeyFrom(String(config?.signingKey ?? ''));

/** They say how a call is carried or who has signed it, which is the server's to say. */
const OURS =
  /^(connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|webhook-.*)$/i;

const headerName = z
  .string()
  .max(64)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'Must be the name of a header, such as X-My-Header.')
  .refine((name) => !OURS.test(name), 'Is a header that the server itself sets.');

/** A webhook as AM has it. Only what comes after the host may have places in it: no property of a session says where it goes. */
export const webhook = z.strictObject({
  url: z
    .string()
    .max(2_048)
    .refine(
      (text) => URL.canParse(text) && /^https?:\/\/[^/?#\\@${}]+([/?#]|$)/i.test(text),
      'Must be an address, such as https://app.example.com/logout, without a name or password, and with places after its host only.',
    ),
  body: z.string().max(8_192).default(''),
  headers: z
    .record(
      headerName,
      z
        .string()
        .max(4_096)
        .regex(/^[ -~]*$/, 'A header has printable ASCII characters only.'),
    )
    .refine((headers) => Object.keys(headers).length <= 32, 'A webhook has at most 32 headers.')
    .default({}),
});

export type Webhook = z.output<typeof webhook>;

const PLACE = /\$\{([^{}]*)\}/g;

/** All of what is sent: a webhook may name a long property often, and all headers together could come to gigabytes. */
const MAX_FILLED = 65_536;

type Writer = (value: string) => string;

const asJson = (value: string): string => JSON.stringify(value).slice(1, -1);
const asHeader = (value: string): string => value.replace(/[^ -~]+/gu, encodeForUri);
/** Half of a character that takes two cannot be said in an address; as UTF-8 it is a sign that something was lost. */
const encodeForUri = (value: string): string => encodeURIComponent(Buffer.from(value).toString());

/** How a value is written in a body of a type of content. */
const writerFor = (type: string): Writer => {
  if (/[/+]json\b/i.test(type)) return asJson;
  return /^application\/x-www-form-urlencoded\b/i.test(type) ? encodeForUri : (value) => value;
};

/** What is sent: the webhook with the values in their places; a name that nothing goes by is empty, as in AM. Throws `TextTooLong`. */
export const filledWebhook = ({ url, body, headers }: Webhook, values: ReadonlyMap<string, string>) => {
  const fill = textFiller(MAX_FILLED);
  const filled = (text: string, asText: Writer): string =>
    fill(text, PLACE, ([, name = '']) => asText(values.get(name) ?? ''));
  const said = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), filled(value, asHeader)]),
  );
  return {
    url: new URL(filled(url, encodeForUri)),
    headers: said,
    body: Buffer.from(filled(body, writerFor(said['content-type'] ?? ''))),
  };
};
