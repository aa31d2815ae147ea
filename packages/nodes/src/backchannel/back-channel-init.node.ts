import { backChannels, defineNode, type Identities, type Identity, identities } from '@assent/engine';
import { z } from 'zod';
import { isAgent } from '../basic/agents.ts';
import { backChannelData, backChannelRedirectUri, backChannelTransaction } from '../state-keys.ts';
import { objectIn } from './object-in-state.ts';

/** As long as a link of a suspended journey may be good for: 30 days. */
const MAX_SECONDS = 2_592_000;
/** What a browser would run, or show as of ours, instead of going somewhere. */
const NO_PLACE = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:']);

const isPlace = (url: string): boolean => URL.canParse(url) && !NO_PLACE.has(new URL(url).protocol);

/** By id before name: nobody can take a name that would pass for the id of another. */
const subjectOf = async (
  users: Pick<Identities, 'find' | 'findById'>,
  idType: 'USER' | 'AGENT',
  name: string,
): Promise<Identity | undefined> => {
  const identity = (await users.findById(name)) ?? (await users.find(name));
  return identity !== undefined && isAgent(identity) === (idType === 'AGENT') ? identity : undefined;
};

/** Asks for a journey that somebody else runs, or the same user in another browser. @see ADR 0017 */
export const backChannelInit = defineNode({
  type: 'BackChannelInitNode',
  title: 'Backchannel Initialize',
  help: 'Makes a link to another journey, to be run by somebody else or in another browser, and goes on meanwhile.',
  tags: ['utilities'],

  config: z.object({
    tree: z.string().min(1).meta({ title: 'Journey', description: 'The journey that the link leads to.' }),
    idType: z.enum(['USER', 'AGENT', 'NONE']).default('USER').meta({
      title: 'Subject Type',
      description: 'Who alone may complete the journey: a user, or an agent. With NONE, anybody may.',
    }),
    usernameKey: z.string().min(1).default('username').meta({
      title: 'Subject Name Key',
      description: 'The name in state of the id or name of that user or agent; not used where anybody may.',
    }),
    dataKey: z.string().nullish().meta({
      title: 'Data Object Key',
      description: 'The name in state of an object whose members the journey begins with, but for realm and authLevel.',
    }),
    redirectUrlType: z.enum(['GET', 'POST', 'CUSTOM', 'NONE']).default('GET').meta({
      title: 'Redirect URL Type',
      description:
        'The link that is put in state: of the login page, of the address that a client posts to, your own, or none.',
    }),
    customRedirectUrl: z
      .string()
      .refine((url) => url === '' || isPlace(url), 'Expected an address such as https://example.com/approve')
      .nullish()
      .meta({ title: 'Custom Redirect URL', description: 'Your own link, for the type CUSTOM.' }),
    timeout: z.int().min(1).max(MAX_SECONDS).nullish().meta({
      title: 'Max Time (Seconds)',
      description: 'By when the journey must have ended; without it, after the time that a journey of the realm has.',
    }),
    allowRetry: z.boolean().default(true).meta({
      title: 'Allow Retry',
      description: 'Whether a journey that fails may be run again until the time is up.',
    }),
  }),

  outcomes: {
    created: 'Created',
    unknown: { title: 'Unknown Subject', when: ({ idType }) => idType !== 'NONE' },
    error: 'Error',
  },
  backChannelTree: ({ tree }) => tree,
  dynamicInputs: ({ idType, usernameKey, dataKey }) => [
    ...(idType === 'NONE' ? [] : [usernameKey]),
    ...(dataKey ? [dataKey] : []),
  ],
  outputs: [backChannelTransaction, backChannelRedirectUri, backChannelData],
  outputsAt: { unknown: [], error: [] },
  uses: [backChannels, identities],
  errors: {
    noSubject: 'Error retrieving subject from node state.',
    notOpened: 'Error initializing back channel transaction.',
  },

  async process({ config, realm, journey, state, ports, report, goTo }) {
    const { tree, idType, dataKey, redirectUrlType, customRedirectUrl, allowRetry } = config;
    let subject: Identity | undefined;
    if (idType !== 'NONE') {
      const name = state.read(config.usernameKey);
      if (typeof name !== 'string' || name === '') {
        report('noSubject');
        return goTo('error');
      }
      subject = await subjectOf(ports.identities, idType, name);
      if (subject === undefined) return goTo('unknown');
    }

    const data = objectIn(dataKey ? state.read(dataKey) : undefined);
    const opened =
      redirectUrlType === 'CUSTOM' && !customRedirectUrl
        ? undefined
        : ports.backChannels.open({
            tree,
            ...(subject !== undefined && { subject }),
            data: data ?? {},
            seconds: config.timeout ?? realm.journeyMinutes * 60,
            allowRetry,
          });
    if (opened === undefined) {
      report('notOpened');
      return goTo('error');
    }
    const links = { GET: opened.pageLink, POST: opened.startLink, CUSTOM: customRedirectUrl, NONE: undefined };
    const link = links[redirectUrlType];
    state.set(backChannelTransaction, opened.id);
    // Of an earlier one nothing may stay that would be taken for this one's.
    if (link) state.set(backChannelRedirectUri, link);
    else state.remove(backChannelRedirectUri);
    if (data !== undefined) state.set(backChannelData, { ...data });
    else state.remove(backChannelData);
    journey.audit('BACK_CHANNEL_OPEN', { backChannel: opened.idHash, tree });
    return goTo('created');
  },
});
