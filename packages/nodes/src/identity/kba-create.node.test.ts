import { fakeRequest, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { realmServices } from '../testing/realm-services.ts';
import { page } from '../utilities/page.node.ts';
import { kbaCreate } from './kba-create.node.ts';

const questions = { '1': { en: 'First pet?', de: 'Erstes Haustier?' }, '2': { en: 'First street?' } };
const services = (settings: object = {}) =>
  realmServices({ 'selfservice.kba': { minimumAnswersToDefine: 2, questions, ...settings } });
const run = (config = {}, selfService = services(), locales = ['en']) =>
  runNode(kbaCreate, { ports: { selfService }, config, request: fakeRequest({ locales }) });
const reply = (question: string, answer: string) => ({ question, answer });

test.each([
  ['the realm has no such settings', realmServices(), {}],
  [
    'there are too few questions, and none may be made up',
    services({ questions: {} }),
    { allowUserDefinedQuestions: false },
  ],
])('fails where %s', async (_what, selfService, config) => {
  await expect(run(config, selfService)).rejects.toThrow(
    'Failed to retrieve configuration values: the realm service selfservice.kba does not exist',
  );
});

test.each([
  [['en'], 'Select a security question.', ['First pet?', 'First street?']],
  [['de'], 'Select a security question.', ['Erstes Haustier?', 'First street?']],
])('asks a reader of %j as often as the realm wants', async (locales, prompt, predefinedQuestions) => {
  const { callbacks } = await run({}, services(), locales);
  const callback = {
    type: 'KbaCreateCallback',
    output: { prompt, predefinedQuestions, allowUserDefinedQuestions: true },
    input: { question: '', answer: '' },
  };
  expect(callbacks).toEqual([callback, callback]);
});

test('says what the author wants it to say', async () => {
  expect((await run({ message: { en: 'Own words' } })).callbacks[0]?.output.prompt).toBe('Own words');
});

describe('asks again, keeps the questions, and not the answers', () => {
  test.each([
    ['for a question without an answer', [reply('First pet?', 'Rex'), reply('First street?', '  ')], {}],
    ['for an answer without a question', [reply('First pet?', 'Rex'), reply(' ', 'x')], {}],
    ['for one question twice', [reply('First pet?', 'Rex'), reply('first PET', 'Rex')], {}],
    ['for a question that is too long', [reply('First pet?', 'Rex'), reply('x'.repeat(300), 'x')], {}],
    ['for an answer that is too long', [reply('First pet?', 'Rex'), reply('Own?', 'x'.repeat(300))], {}],
    [
      'for a question that was made up where that is not allowed',
      [reply('First pet?', 'Rex'), reply('Own?', 'x')],
      { allowUserDefinedQuestions: false },
    ],
  ])('%s', async (_what, replies, config) => {
    const { callbacks, state } = await (await run(config)).again(replies);
    expect(callbacks[0]?.input).toEqual({ question: 'First pet?', answer: '' });
    expect(callbacks[1]?.input?.answer).toBe('');
    expect(state).toEqual({});
  });
});

test('keeps questions by id, or in the words of the user, in secret state alone', async () => {
  const { action, shared, transient } = await (await run()).again([
    reply('First street?', 'Main St'),
    reply('Own?', ' X '),
  ]);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({});
  expect(transient).toEqual({
    objectAttributes: {
      kbaInfo: [
        { questionId: '2', answer: 'Main St' },
        { customQuestion: 'Own?', answer: ' X ' },
      ],
    },
  });
});

test('on a page, an answer is not shown again while something else is asked for', async () => {
  const children = [
    { id: 'first', definition: kbaCreate, config: {} },
    { id: 'second', definition: kbaCreate, config: {} },
  ];
  const given = {
    config: { nodes: children.map(({ id }) => ({ _id: id, nodeType: 'KbaCreateNode' })) },
    children,
    childPorts: { selfService: services({ minimumAnswersToDefine: 1 }) },
  };
  const first = await runNode(page, given);
  const { callbacks } = await first.again([reply('First pet?', 'Rex'), reply('', '')]);
  expect(callbacks.map(({ input }) => input)).toEqual([
    { question: 'First pet?', answer: '' },
    { question: '', answer: '' },
  ]);
});
