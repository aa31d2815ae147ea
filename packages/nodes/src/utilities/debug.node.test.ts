import { runInNewContext } from 'node:vm';
import { defineNode, stateKey } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { debug } from './debug.node.ts';
import { page } from './page.node.ts';

/** Runs the scripts as a client does that runs them, and says what was shown and pressed. */
const runScripts = (callbacks: readonly { readonly output: Readonly<Record<string, unknown>> }[]) => {
  const shown: string[] = [];
  let pressed = 0;
  const element = {
    set textContent(text: string) {
      shown.push(text);
    },
  };
  const popup = { document: { createElement: () => element, body: { appendChild: () => undefined } } };
  const window = { open: () => popup };
  const document = {
    getElementById: () => ({
      click: () => {
        pressed += 1;
      },
    }),
  };
  for (const { output } of callbacks) {
    if (output.messageType === 4) runInNewContext(String(output.message), { window, document });
  }
  return { shown, pressed };
};

test('shows the shared state in a window and goes on by itself', async () => {
  const step = await runNode(debug, { state: { username: 'demo' }, identified: 'id-1' });
  expect(step.callbacks.map(({ type, output }) => [type, output.messageType])).toEqual([
    ['TextOutputCallback', 4],
    ['TextOutputCallback', 4],
    ['TextOutputCallback', 0],
  ]);
  expect(step.callbacks[2]?.output.message).toBe('Debug Step');
  const { shown, pressed } = runScripts(step.callbacks);
  expect(JSON.parse(shown[0] ?? '')).toEqual({
    transactionId: 'test-transaction',
    identifiedUser: 'id-1',
    state: { username: 'demo' },
  });
  expect(pressed).toBe(1);
  expect((await step.again()).action).toMatchObject({ outcome: 'outcome' });
});

test('writes the same to the log, at level debug', async () => {
  const { log } = await runNode(debug, { state: { username: 'demo' } });
  expect(log).toMatchObject([{ level: 'debug', fields: { fields: { seen: { state: { username: 'demo' } } } } }]);
});

test('without the window it only goes on', async () => {
  const step = await runNode(debug, { config: { popupEnabled: false }, state: { username: 'demo' } });
  expect(runScripts(step.callbacks)).toEqual({ shown: [], pressed: 1 });
  expect(JSON.stringify(step.callbacks)).not.toContain('demo');
});

test('what a user typed is shown and never run (SEC-71)', async () => {
  const username = ["');window.stolen=1;//</script><script>\u2028`$", '{1}\\'].join('');
  const { shown } = runScripts((await runNode(debug, { state: { username } })).callbacks);
  expect(JSON.parse(shown[0] ?? '')).toMatchObject({ state: { username } });
});

test('names what is secret and does not say it, neither in the window nor in the log', async () => {
  const secret = stateKey.transient('password', z.string());
  const setsSecret = defineNode({
    type: 'SetsSecret',
    title: 'x',
    help: 'x',
    tags: [],
    config: z.object({}),
    outcomes: { outcome: 'Outcome' },
    outputs: [secret],
    async process({ state, goTo }) {
      state.set(secret, 'Ch4ng31t!');
      return goTo('outcome');
    },
  });
  const step = await runNode(page, {
    config: {
      nodes: [
        { _id: 'a', nodeType: 'SetsSecret' },
        { _id: 'b', nodeType: 'DebugNode' },
      ],
    },
    children: [
      { id: 'a', definition: setsSecret },
      { id: 'b', definition: debug },
    ],
  });
  const { shown } = runScripts(step.callbacks);
  expect(JSON.parse(shown[0] ?? '')).toMatchObject({ secrets: ['password'] });
  expect(JSON.stringify([step.callbacks, step.log])).not.toContain('Ch4ng31t!');
});
