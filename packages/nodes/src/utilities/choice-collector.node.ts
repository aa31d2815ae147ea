import { choiceCallback, defineNode, optional } from '@assent/engine';
import { z } from 'zod';
import { authLevel, targetAuthLevel } from '../state-keys.ts';

/** Lets the user choose where to go. @see spec: journeys-rest §7.7 */
export const choiceCollector = defineNode({
  type: 'ChoiceCollectorNode',
  title: 'Choice Collector',
  help: 'Lets the user choose between paths.',
  tags: ['utilities'],

  config: z.object({
    choices: z.array(z.string().min(1)).default([]).meta({
      title: 'Choices',
      description: 'What the user may choose, in this order. Each is an outcome of its own.',
    }),
    defaultChoice: z.string().default('').meta({
      title: 'Default Choice',
      description: 'The choice that is selected at first; without one, the first.',
    }),
    prompt: z.string().default('').meta({
      title: 'Prompt',
      description: 'What the user reads above the choices.',
    }),
  }),

  outcomes: ({ choices }) => Object.fromEntries(choices.map((choice) => [choice, choice])),
  inputs: [optional(authLevel), optional(targetAuthLevel)],
  sends: [choiceCallback],
  errors: {
    outOfReach: "Node doesn't have outcomes which can give auth level >= {{target}}",
    noChoices: 'There is nothing to choose from.',
  },

  process({ config, state, authLevelAhead, answered, fail, goTo, send }) {
    const target = state.get(targetAuthLevel);
    const level = Number(state.get(authLevel) ?? 0);
    const choices = config.choices.filter(
      (choice) =>
        target === undefined || level + (authLevelAhead(choice) ?? Number.NEGATIVE_INFINITY) >= Number(target),
    );
    const chosen = choices[answered(choiceCallback) ?? -1];
    if (chosen !== undefined) return goTo(chosen);

    const only = choices[0] ?? fail(target === undefined ? 'noChoices' : 'outOfReach', { target: String(target) });
    if (choices.length === 1) return goTo(only);
    const defaultChoice = Math.max(0, choices.indexOf(config.defaultChoice));
    return send(choiceCallback({ prompt: config.prompt, choices, defaultChoice }));
  },
});
