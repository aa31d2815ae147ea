import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { decodeHeaderText } from '../header-text.ts';
import { password, username } from '../state-keys.ts';

/** Takes user name and password from the headers of the request. @see spec: journeys-rest §7.19 */
export const zeroPageLogin = defineNode({
  type: 'ZeroPageLoginNode',
  title: 'Zero Page Login Collector',
  help: 'Takes user name and password from headers of the request, where it has them.',
  tags: ['basic authn', 'basic authentication'],

  config: z.object({
    usernameHeader: z.string().min(1).default('X-OpenAM-Username').meta({
      title: 'Username Header Name',
      description: 'The header with the user name.',
    }),
    passwordHeader: z.string().min(1).default('X-OpenAM-Password').meta({
      title: 'Password Header Name',
      description: 'The header with the password.',
    }),
    allowWithoutReferer: z.boolean().default(true).meta({
      title: 'Allow Without Referer',
      description: 'Whether a request may come from anywhere. If not, its Referer must be one of the list.',
    }),
    referrerWhiteList: z.array(z.string()).default([]).meta({
      title: 'Referer Whitelist',
      description: 'The addresses that a request may come from, in full.',
    }),
  }),

  outcomes: { true: 'Has Credentials', false: 'No Credentials' },
  outputs: [username, password],
  outputsAt: { false: [] },
  errors: {
    severalValues: 'Expecting only one header value for username and/or password but size is {{count}}',
  },

  process({ config, request, state, fail, goTo }) {
    const read = (header: string): string | undefined => {
      const name = header.toLowerCase();
      const count = request.headerCount(name);
      if (count > 1) fail('severalValues', { count: String(count) });
      return request.header(name);
    };
    const has = (header: string): boolean => request.headerCount(header.toLowerCase()) > 0;
    if (!has(config.usernameHeader) && !has(config.passwordHeader)) return goTo('false');
    if (!config.allowWithoutReferer && !config.referrerWhiteList.includes(request.header('referer') ?? ''))
      return goTo('false');

    const name = read(config.usernameHeader);
    const secret = read(config.passwordHeader);
    if (name !== undefined) state.set(username, decodeHeaderText(name));
    if (secret !== undefined) state.set(password, decodeHeaderText(secret));
    return goTo('true');
  },
});
