import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { cookieName, cookieValue } from './cookies/cookie-settings.ts';

/** What exports write for a cookie that ends with the browser. */
const NO_MAX_AGE = -1;

const SAME_SITE = { STRICT: 'strict', LAX: 'lax', NONE: 'none' } as const;

/** Sets a cookie of the author's. @see spec: node-census §4 */
export const setCustomCookie = defineNode({
  type: 'SetCustomCookieNode',
  title: 'Set Custom Cookie',
  help: 'Sets a cookie of your own with the next answer that the browser gets.',
  tags: ['contextual'],

  config: z.object({
    name: cookieName().meta({
      title: 'Custom Cookie Name',
      description: 'What the cookie is called. The names of the server’s own cookies are refused.',
    }),
    value: cookieValue().meta({ title: 'Custom Cookie Value', description: 'What the cookie says, in clear.' }),
    maxAge: z.int().min(NO_MAX_AGE).max(34_560_000).nullish().meta({
      title: 'Max Age',
      description: 'How long the browser keeps it, in seconds; without one, or with -1, until the browser is closed.',
    }),
    domain: z
      .string()
      .regex(
        /^(\.?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*)?$/,
        'Must be a host name.',
      )
      .nullish()
      .meta({ title: 'Custom Cookie Domain', description: 'Which hosts get it; without one, this host only.' }),
    path: z
      .string()
      .regex(/^(\/[!-:<-~]*)?$/, 'Must begin with / and have no blanks or semicolons.')
      .nullish()
      .meta({
        title: 'Custom Cookie Path',
        description: 'Which paths get it; without one, those beside the request’s.',
      }),
    useSecureCookie: z.boolean().default(false).meta({
      title: 'Use Secure Cookie',
      description: 'Send it over https only.',
    }),
    useHttpOnlyCookie: z.boolean().default(false).meta({
      title: 'Use HTTP Only Cookie',
      description: 'Keep it from the scripts of a page.',
    }),
    sameSite: z.enum(['STRICT', 'LAX', 'NONE']).default('LAX').meta({
      title: 'Custom Cookie SameSite attribute',
      description: 'Whether it goes with requests that other sites start. NONE needs a secure cookie.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },

  process({ config, journey, goTo }) {
    const { name, value, maxAge, domain, path } = config;
    journey.setCookie({
      name,
      value,
      ...(typeof maxAge === 'number' && maxAge !== NO_MAX_AGE && { maxAgeSeconds: maxAge }),
      ...(domain && { domain }),
      ...(path && { path }),
      secure: config.useSecureCookie,
      httpOnly: config.useHttpOnlyCookie,
      sameSite: SAME_SITE[config.sameSite],
    });
    return goTo('outcome');
  },
});
