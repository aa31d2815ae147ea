import { isIP } from 'node:net';
import { z } from 'zod';

/** Text from a flag or the environment counts as the number that it spells. */
export const wholeNumber = (least: number, most: number) =>
  z
    .preprocess((value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value), z.int())
    .refine((value) => value >= least && value <= most);

export const yesOrNo = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
  z.boolean(),
);

/** A list in a configuration file; one text with commas, or a flag given more than once, elsewhere. */
export const listOf = (item: z.ZodType<string, string>) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z
        .array(z.string())
        .transform((values) => values.flatMap((value) => value.split(',')).map((value) => value.trim())),
    )
    .transform((values) => values.filter((value) => value !== ''))
    .pipe(z.array(item));

/** Every address at once (`/0`) would let any client choose its own address (SEC-63). */
export const isAddressRange = (value: string): boolean => {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
};

export const isHost = (value: string): boolean =>
  isIP(value) !== 0 || /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value);

/** Names alone: an address would stand for whatever answers there. */
export const isHostPattern = (value: string): boolean => {
  const [name = '', port, ...rest] = value.replace(/^\*\./, '').split(':');
  return isHost(name) && isIP(name) === 0 && rest.length === 0 && (port === undefined || /^\d{1,5}$/.test(port));
};

/** Also by its address, since directories and mail servers often have no other name. */
export const isPrivateHost = (value: string): boolean => {
  if (isHostPattern(value)) return true;
  const url = URL.canParse(`tcp://${value}`) ? new URL(`tcp://${value}`) : undefined;
  return url !== undefined && url.host === value && isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
};

/** A key as libraries of receivers take it (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64. */
export const SIGNING_KEY = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/;

/** Its bytes; undefined where it is none. */
export const signingKeyFrom = (text: string): Buffer | undefined => {
  const [, base64] = SIGNING_KEY.exec(text) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
};

export const httpUrl = (value: string): URL | undefined => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
};

/** Without a password, which would show wherever the setting does. */
export const isRedisUrl = (value: string): boolean => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return false;
  return url.password === '' && /^(\/\d{0,2})?$/.test(url.pathname) && url.search === '' && url.hash === '';
};

export const isPublicUrl = (value: string): boolean => {
  const url = httpUrl(value);
  return url !== undefined && !/[?#]/.test(value) && /^(\/[\w.~-]+)*\/*$/.test(url.pathname);
};

export const isOrigin = (value: string): boolean => httpUrl(value)?.origin === value;

/** A URL as it may be shown: a password in it is masked. */
export const urlWithoutPassword = (value: string): string => {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password !== '') url.password = '********';
  return url.href;
};

/** Without the slashes at its end, and spelled as browsers spell it: lower-case host, no default port. */
export const normalUrl = (value: string): string => {
  const url = new URL(value);
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
};
