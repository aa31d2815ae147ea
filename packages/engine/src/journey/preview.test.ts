import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { port } from '../model/port.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { fakeRequest } from '../testing/fake-request.ts';
import { journeyHarness, type TestTree } from '../testing/journey-harness.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

interface Post {
  send(to: string): Promise<void>;
}
interface Notes {
  note(text: string): void;
}
const post = port<Post>()('post', 'acts');
const notes = port<Notes>()('notes', 'stages');

const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;

const sends = defineNode({
  ...base,
  type: 'Sends',
  uses: [post],
  async process({ ports, goTo }) {
    await ports.post.send('demo@example.com');
    return goTo('outcome');
  },
});
const noted = defineNode({
  ...base,
  type: 'Notes',
  uses: [notes],
  process({ ports, goTo }) {
    ports.notes.note('seen');
    return goTo('outcome');
  },
});
const asks = defineNode({
  ...base,
  type: 'Asks',
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'User Name' })) : goTo('outcome'),
});
const fails = defineNode({
  ...base,
  type: 'Fails',
  errors: { lost: 'The key is lost.' },
  process({ fail }) {
    return fail('lost');
  },
});

/** Journeys over one tree, and what became of its ports. */
const journeys = (tree: TestTree) => {
  const sent: string[] = [];
  const after: string[] = [];
  const bindings = new Bindings()
    .bind(post, () => ({ send: async (to) => void sent.push(to) }))
    .bind(notes, (unit) => ({
      note(text) {
        unit.stageAlways({ type: 'note', text });
        unit.afterCommit(() => {
          throw new Error('Nobody listens.');
        });
        unit.afterCommit(() => after.push(text));
      },
    }));
  const it = journeyHarness({ nodes: [sends, noted, asks, fails], trees: { Login: tree }, bindings });
  return {
    ...it,
    sent,
    after,
    preview: () => it.journeys.preview({ realm: '/', parameters: {}, request: fakeRequest() }),
  };
};

const through = (type: string): TestTree => ({
  entry: 'first',
  nodes: {
    first: { type, to: { outcome: 'asks' } },
    asks: { type: 'Asks', to: { outcome: SUCCESS } },
  },
});

describe('a preview has no effect at all (A6)', () => {
  test.each(['Sends', 'Notes', 'Fails'])(
    'a start that goes through %s shows nothing, and leaves nothing',
    async (type) => {
      const it = journeys(through(type));
      expect(await it.preview()).toBeUndefined();
      expect({ sent: it.sent, after: it.after, commits: it.store.commits, log: it.log.lines }).toEqual({
        sent: [],
        after: [],
        commits: 0,
        log: [],
      });
    },
  );

  test('a start that comes to its end at once is not shown', async () => {
    const it = journeys({ entry: 'sends', nodes: { sends: { type: 'Sends', to: { outcome: FAILURE } } } });
    expect(await it.preview()).toBeUndefined();
    expect(it.sent).toEqual([]);
  });

  test('what a start does, it does once somebody starts', async () => {
    const it = journeys(through('Sends'));
    await it.begin();
    expect(it.sent).toEqual(['demo@example.com']);
  });

  test('a first step that only asks is shown as a start shows it', async () => {
    const it = journeys({ entry: 'asks', nodes: { asks: { type: 'Asks', to: { outcome: SUCCESS } } } });
    expect(await it.preview()).toMatchObject({ kind: 'step', callbacks: [{ type: 'NameCallback' }] });
  });
});

test('what follows a commit fails no answer, and keeps nothing else from following (REL-15)', async () => {
  const it = journeys(through('Notes'));
  expect(await it.begin()).toMatchObject({ kind: 'step' });
  expect(it.after).toEqual(['seen']);
  expect(it.log.lines).toMatchObject([{ msg: 'What follows a commit failed.' }]);
});
