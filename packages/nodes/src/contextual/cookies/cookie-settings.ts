import { isWithheldCookie, keptThoughWrong } from '@assent/engine';
import { z } from 'zod';

const OWN_COOKIE = keptThoughWrong('No journey reads or sets this cookie: it is one of the server’s own.');
const isOpenToJourneys = (name: string): boolean => !isWithheldCookie(name);

/** A cookie that is only looked for may have whatever name a browser sends. */
export const cookieToRead = () => z.string().min(1).refine(isOpenToJourneys, OWN_COOKIE);

/** RFC 6265 §4.1.1: a cookie's name is a token. */
export const cookieName = () =>
  z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, "A cookie name is letters, digits and !#$%&'*+-.^_`|~.")
    .refine(isOpenToJourneys, OWN_COOKIE);

/** §4.1.1 `cookie-octet`: with anything else in it a browser would read another value than was set. */
export const cookieValue = () =>
  z
    .string()
    .regex(
      /^[!#-+\--:<-[\]-~]{0,4096}$/,
      'A cookie value has no blanks, quotes, commas, semicolons, backslashes or letters beyond ASCII.',
    );
