/** The names that a node goes by, from its title: `Office Hours` is `OfficeHoursNode`, `officeHours` and `office-hours`. */
export const namesOf = (title) => {
  if (!/^[A-Z][A-Za-z0-9]*( [A-Z0-9][A-Za-z0-9]*)*$/.test(title) || / Node$/.test(title)) {
    throw new RangeError(`"${title}" is no title: capital words without "Node" at the end, such as "Office Hours".`);
  }
  const words = title.split(' ');
  const pascal = words.join('');
  return {
    title,
    type: `${pascal}Node`,
    constant: pascal[0].toLowerCase() + pascal.slice(1),
    file: words.join('-').toLowerCase(),
  };
};

/** What a new node says until its author writes something better, in each language that nodes speak. */
export const QUESTION = {
  en: 'What would you like to tell us?',
  ar: 'ماذا تود أن تخبرنا؟',
  de: 'Was möchten Sie uns mitteilen?',
  es: '¿Qué quiere decirnos?',
  fr: 'Que souhaitez-vous nous dire ?',
  ja: '何をお知らせになりますか？',
};

/** Shaped like the smallest node that asks for something, Username Collector. */
export const nodeSource = ({
  title,
  type,
  constant,
}) => `import { defineNode, stateKey, textInputCallback } from '@assent/engine';
import { z } from 'zod';

const answer = stateKey.ownedByNode('answer', z.string());

/** Asks a question until there is an answer. */
export const ${constant} = defineNode({
  type: '${type}',
  title: '${title}',
  help: 'Asks a question, and keeps the answer for this node.',
  tags: ['utilities'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  outputs: [answer],
  sends: [textInputCallback],
  texts: { question: '${QUESTION.en}' },

  process({ answered, state, text, goTo, send }) {
    const said = answered(textInputCallback);
    if (said === undefined || said === '') return send(textInputCallback({ prompt: text('question') }));
    state.set(answer, said);
    return goTo('outcome');
  },
});
`;

export const nodeTest = ({ constant, file }) => `import { textInputCallback } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { ${constant} } from './${file}.node.ts';

test('asks its question, and again when nothing was said', async () => {
  const first = await runNode(${constant}, {});
  expect(first.callbacks).toEqual([textInputCallback({ prompt: '${QUESTION.en}' })]);
  expect((await first.again([''])).callbacks).toEqual(first.callbacks);
});

test('keeps the answer and goes on', async () => {
  const { action, state } = await (await runNode(${constant}, { nodeId: 'n1' })).again(['Hello']);
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
  expect(state).toEqual({ 'n1.answer': 'Hello' });
});
`;
