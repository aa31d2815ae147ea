import { defineNode, localized } from '@assent/engine';
import { z } from 'zod';
import { pageNodeCallbacks } from '../state-keys.ts';
import { partsOfPage, runChildren } from './page-callbacks.ts';

/** These bring a flow of their own, which a page cannot show as one step. */
const NOT_INSIDE = new Set(['PageNode', 'InnerTreeEvaluatorNode', 'EmailSuspendNode']);

const child = z.object({
  _id: z.string().min(1),
  nodeType: z.string().refine((type) => !NOT_INSIDE.has(type), 'A page cannot hold a node of this type.'),
  displayName: z.string().default(''),
});

/** Shows several nodes as one step. @see spec: journeys-rest §7.5, webauthn §10.7 */
export const page = defineNode({
  type: 'PageNode',
  title: 'Page Node',
  help: 'Shows what several nodes ask for on one page.',
  tags: ['utilities'],
  versions: ['1.0', '2.0'],
  holdsStandaloneSince: '2.0',

  config: z.object({
    nodes: z
      .array(child)
      .default([])
      .meta({ title: 'Nodes', description: 'The nodes on the page, from top to bottom.' }),
    pageHeader: localized({ tags: 'any' }).meta({
      title: 'Page Header',
      description: 'What stands above the page, by language.',
    }),
    pageDescription: localized({ tags: 'any' }).meta({
      title: 'Page Description',
      description: 'What stands under the header, by language.',
    }),
    stage: z.string().optional().meta({
      title: 'Stage',
      description: 'Tells a client which of its own layouts to use. It is handed on as it is.',
    }),
  }),

  children: ({ nodes }) => nodes.map(({ _id }) => _id),
  outcomes: (_config, children) => {
    const { form, standalone } = partsOfPage(children);
    return Object.assign({}, form.at(-1)?.child.outcomes, ...standalone.map(({ child }) => child.outcomes));
  },
  outputs: [pageNodeCallbacks],
  sends: 'anything',
  textFallback: 'realm-then-first',
  errors: { empty: 'This page has no nodes in it, so cannot proceed' },

  async process({ config, children, state, sent, answers, choose, fail, goTo, send }) {
    if (children.length === 0) fail('empty');
    const { page: shown, last } = await runChildren(partsOfPage(children), state.get(pageNodeCallbacks) ?? {}, {
      sent,
      answers,
    });
    if (!shown.isOpen && last?.kind === 'goTo') {
      state.remove(pageNodeCallbacks);
      return goTo(last.outcome, last.detail);
    }
    const { callbacks, senders } = shown.content();
    state.set(pageNodeCallbacks, senders);
    const header = choose(config.pageHeader);
    const description = choose(config.pageDescription);
    const presentation = {
      ...(config.stage && { stage: config.stage }),
      ...(header && { header }),
      ...(description && { description }),
    };
    return { presentation, ...send(...callbacks) };
  },
});
