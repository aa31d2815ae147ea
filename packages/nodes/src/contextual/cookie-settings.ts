import { z } from 'zod';

/** RFC 6265 §4.1.1: a cookie's name is a token. */
export const cookieName = () =>
  z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, "A cookie name is letters, digits and !#$%&'*+-.^_`|~.");

/** §4.1.1 `cookie-octet`: with anything else in it a browser would read another value than was set. */
export const cookieValue = () =>
  z
    .string()
    .regex(
      /^[!#-+\--:<-[\]-~]{0,4096}$/,
      'A cookie value has no blanks, quotes, commas, semicolons, backslashes or letters beyond ASCII.',
    );
