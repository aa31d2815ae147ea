import {
  defineNode,
  isSignInHeader,
  isWithheldHeader,
  keptThoughWrong,
  MAX_ENTERED_NAME,
  MAX_ENTERED_PASSWORD,
} from '@assent/engine';
import { z } from 'zod';
import { password, username } from '../state-keys.ts';
import { decodeHeaderText } from './header-text.ts';

/** The two that are for signing in are what this node reads; any other that is withheld is nobody's name or password. */
const headerName = (otherwise: string) =>
  z
    .string()
    .min(1)
    .refine(
      (name) => isSignInHeader(name) || !isWithheldHeader(name),
      keptThoughWrong('No journey is shown this header: it carries a session, or what somebody proves to others with.'),
    )
    .default(otherwise);

/** Takes user name and password from the headers of the request. @see spec: journeys-rest §7.19 */
export const zeroPageLogin = defineNode({
  type: 'ZeroPageLoginNode',
  title: 'Zero Page Login Collector',
  help: 'Takes user name and password from headers of the request, where it has them.',
  tags: ['basic authn', 'basic authentication'],

  config: z.object({
    usernameHeader: headerName('X-OpenAM-Username').meta({
      title: 'Username Header Name',
      description: 'The header with the user name.',
    }),
    passwordHeader: headerName('X-OpenAM-Password').meta({
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
    tooLong: 'The header {{header}} is longer than {{longest}} characters',
  },

  process({ config, request, state, fail, goTo }) {
    const countOf = (header: string): number =>
      isSignInHeader(header)
        ? (request.signInHeaders?.[header.trim().toLowerCase()]?.length ?? 0)
        : request.headerCount(header);
    const read = (header: string, longest: number): string | undefined => {
      const count = countOf(header);
      if (count > 1) fail('severalValues', { count: String(count) });
      const value = isSignInHeader(header)
        ? request.signInHeaders?.[header.trim().toLowerCase()]?.[0]
        : request.header(header);
      const text = value === undefined ? undefined : decodeHeaderText(value);
      // As a page does, so that no header makes the state of a journey large.
      if (text !== undefined && text.length > longest) fail('tooLong', { header, longest: String(longest) });
      return text;
    };
    const has = (header: string): boolean => countOf(header) > 0;
    if (!has(config.usernameHeader) && !has(config.passwordHeader)) return goTo('false');
    if (!config.allowWithoutReferer && !config.referrerWhiteList.includes(request.header('referer') ?? ''))
      return goTo('false');

    const name = read(config.usernameHeader, MAX_ENTERED_NAME);
    const secret = read(config.passwordHeader, MAX_ENTERED_PASSWORD);
    if (name !== undefined) state.set(username, name);
    if (secret !== undefined) state.set(password, secret);
    return goTo('true');
  },
});
