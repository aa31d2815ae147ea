import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { cookieToRead } from './cookies/cookie-settings.ts';

/** Whether the browser sent a cookie. @see spec: journeys-rest §7.19 */
export const cookiePresenceDecision = defineNode({
  type: 'CookiePresenceDecisionNode',
  title: 'Cookie Presence Decision',
  help: 'Asks whether the browser has a certain cookie, whatever is in it.',
  tags: ['contextual'],
  config: z.object({
    cookieName: cookieToRead().meta({ title: 'Name of Cookie', description: 'The cookie that is looked for.' }),
  }),
  outcomes: { true: 'True', false: 'False' },

  process({ config, request, goTo }) {
    return goTo(Object.hasOwn(request.cookies ?? {}, config.cookieName) ? 'true' : 'false');
  },
});
