import {
  confirmationCallback,
  defineNode,
  hiddenValueCallback,
  NOT_PRESSED,
  type NodeDefinition,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
  textOutputCallback,
} from '@assent/engine';
import { outcomesOfNode } from '@assent/engine/host';
import { fakeRequest, memoryPasswordPolicy, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { passwordCollector } from '../basic/password-collector.node.ts';
import { platformPassword } from '../basic/platform-password.node.ts';
import { platformUsername } from '../basic/platform-username.node.ts';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { page } from './page.node.ts';

const base = { title: 'x', help: 'x', tags: [], config: z.object({}) } as const;

/** Decides by a name, and would act on it for good. */
const decision = (acted: string[]) =>
  defineNode({
    ...base,
    type: 'Decision',
    outcomes: { true: 'True', false: 'False' },
    async process({ answered, goTo, send }) {
      const code = answered(nameCallback);
      if (code === undefined || code === '') return send(nameCallback({ prompt: 'Code' }));
      acted.push(code);
      return goTo(code === 'good' ? 'true' : 'false', { code: true });
    },
  });
const silent = defineNode({
  ...base,
  type: 'Silent',
  outcomes: { outcome: 'Outcome' },
  process: async ({ goTo }) => goTo('outcome'),
});
const waiting = defineNode({
  ...base,
  type: 'Waiting',
  outcomes: { DONE: 'Done', EXITED: 'Exit' },
  async process({ answered, goTo, send }) {
    if (answered(confirmationCallback) === 0) return goTo('EXITED');
    return send(
      textOutputCallback({ message: 'Look', messageType: 0 }),
      pollingWaitCallback({ waitTime: 5, message: '' }),
      confirmationCallback({ options: ['Cancel'], selected: NOT_PRESSED }),
    );
  },
});

/** Asks what our own pages show in their own way. */
const forPages = { webauthn: { kind: 'get' } };
const ceremony = defineNode({
  ...base,
  type: 'Ceremony',
  outcomes: { success: 'Success', failure: 'Failure' },
  async process({ answered, sent, goTo, send }) {
    const answer = answered(hiddenValueCallback);
    if (answer === undefined) return send({ ...hiddenValueCallback({ value: 'false', id: 'outcome' }), forPages });
    return answer === 'outcome' ? send(...sent) : goTo('success');
  },
});

/** Answered in place of a form, from its version 2.0 on; without an answer it asks again. */
const beside = (name: string, outcomes: Readonly<Record<string, string>> = { success: 'Success', failure: 'No' }) =>
  defineNode({
    ...base,
    type: name,
    versions: ['1.0', '2.0'],
    standaloneSince: '2.0',
    outcomes: () => outcomes,
    async process({ answered, sent, goTo, send }) {
      const answer = answered(hiddenValueCallback);
      if (answer === undefined) return send({ ...hiddenValueCallback({ value: 'false', id: name }), forPages });
      return answer === name ? send(...sent) : goTo(answer, { by: name });
    },
  });
/** Stands by itself, and finds nothing to ask for. */
const idle = defineNode({
  ...base,
  type: 'Idle',
  versions: ['1.0', '2.0'],
  standaloneSince: '2.0',
  outcomes: { noDevice: 'None' },
  async process({ goTo }) {
    return goTo('noDevice');
  },
});

const given = (definitions: readonly NodeDefinition[], config: Record<string, unknown> = {}, childConfig = {}) => ({
  version: '1.0',
  config: {
    nodes: definitions.map(({ type }, at) => ({ _id: `c${at}`, nodeType: type, displayName: type })),
    ...config,
  },
  children: definitions.map((definition, at) => ({ id: `c${at}`, definition, config: childConfig })),
});
const login = given([usernameCollector, passwordCollector]);

describe('settings', () => {
  test.each([['PageNode'], ['InnerTreeEvaluatorNode']])('refuse a %s inside', async (nodeType) => {
    const config = { nodes: [{ _id: 'c0', nodeType, displayName: '' }] };
    await expect(runNode(page, { config })).rejects.toThrow('A page cannot hold a node of this type.');
  });

  test('take a tag that is no language, as exports of AM have it (B5): it is the text of those who have no other', async () => {
    const config = { ...login.config, pageHeader: { header: 'Sign in' }, pageDescription: { header: 'x', fr: 'y' } };
    const { action } = await runNode(page, { ...login, config, request: fakeRequest({ locales: ['fr'] }) });
    expect(action).toMatchObject({ presentation: { header: 'Sign in', description: 'y' } });
  });

  test('without a node end the journey', async () => {
    await expect(runNode(page, {})).rejects.toThrow(/^This page has no nodes in it, so cannot proceed$/);
  });
});

describe('a first visit', () => {
  test('shows what the nodes ask for, in order and numbered from 0', async () => {
    const { callbacks, shared } = await runNode(page, login);
    expect(callbacks).toEqual([
      { ...nameCallback({ prompt: 'User Name' }), pageId: 0 },
      { ...passwordCallback({ prompt: 'Password' }), pageId: 1 },
    ]);
    expect(shared.pageNodeCallbacks).toEqual({ '0': 0, '1': 1 });
  });

  test('goes on at once where nobody asks', async () => {
    const { action, shared } = await runNode(page, given([silent, silent]));
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(shared).toEqual({});
  });

  test('leaves out a node that asks nothing', async () => {
    const { shared, callbacks } = await runNode(page, given([silent, waiting]));
    expect(callbacks).toHaveLength(3);
    expect(shared.pageNodeCallbacks).toEqual({ '0': 1, '1': 1, '2': 1 });
  });

  test('carries stage, header and description in the language of the reader', async () => {
    const config = {
      ...login.config,
      stage: 'DefaultLogin',
      pageHeader: { fr: 'Bonjour', de: 'Hallo' },
      pageDescription: { en: 'Hello' },
    };
    const { action } = await runNode(page, { ...login, config, request: fakeRequest({ locales: ['de-AT'] }) });
    expect(action).toMatchObject({ presentation: { stage: 'DefaultLogin', header: 'Hallo', description: 'Hello' } });
  });

  test('falls back to the language of the realm, and leaves out what is not set', async () => {
    const config = { ...login.config, pageHeader: { fr: 'Bonjour', de: 'Hallo' } };
    const { action } = await runNode(page, { ...login, config, realm: { locale: 'de' } });
    expect(action).toMatchObject({ presentation: { header: 'Hallo' } });
    expect((await runNode(page, login)).action).toMatchObject({ presentation: {} });
  });
});

describe('an answered step', () => {
  test('that leaves everything open is the same page again, numbers included', async () => {
    const first = await runNode(page, login);
    const again = await first.again(['', '']);
    expect(again.action).toEqual(first.action);
    expect(again.shared).toEqual(first.shared);
  });

  test('keeps showing what was put in, but never a password', async () => {
    const nameOnly = await (await runNode(page, login)).again(['demo', '']);
    expect(nameOnly.callbacks.map(({ input }) => input)).toEqual([{ '': 'demo' }, { '': '' }]);
    const passwordOnly = await (await runNode(page, login)).again(['', 'secret']);
    expect(passwordOnly.callbacks.map(({ input }) => input)).toEqual([{ '': '' }, { '': '' }]);
    expect(JSON.stringify(passwordOnly.callbacks)).not.toContain('secret');
  });

  test('goes where the last node goes, and leaves no bookkeeping behind', async () => {
    const { action, state } = await (await runNode(page, login)).again(['demo', 'secret']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(state).toEqual({ username: 'demo', password: 'secret' });
  });

  test('keeps what is for our own pages, where its node is asked again and where that waits for its turn', async () => {
    const first = await runNode(page, given([decision([]), ceremony]));
    const ofCeremony = { pageId: 1, type: 'HiddenValueCallback', forPages };
    expect(first.callbacks).toMatchObject([{ pageId: 0 }, ofCeremony]);
    const waits = await first.again(['', undefined]);
    expect(waits.callbacks).toMatchObject([{ pageId: 0 }, ofCeremony]);
    const again = await waits.again(['good', 'outcome']);
    expect(again.callbacks).toMatchObject([{ pageId: 0 }, ofCeremony]);
    expect((await again.again(['good', 'signed'])).action).toMatchObject({ outcome: 'success' });
  });

  test('hands on the facts for the audit', async () => {
    const { action } = await (await runNode(page, given([decision([])]))).again(['good']);
    expect(action).toEqual({ kind: 'goTo', outcome: 'true', detail: { code: true } });
  });

  test('gives each node only its own answers, by the page’s numbers', async () => {
    const first = await runNode(page, given([usernameCollector, waiting]));
    const kept = await first.again(['demo', undefined, undefined, 100]);
    expect(kept.callbacks.map(({ type, pageId }) => [type, pageId])).toEqual([
      ['NameCallback', 0],
      ['TextOutputCallback', 1],
      ['PollingWaitCallback', 2],
      ['ConfirmationCallback', 3],
    ]);
    const left = await kept.again([undefined, undefined, undefined, 0]);
    expect(left.action).toMatchObject({ outcome: 'EXITED' });
    expect(left.shared.username).toBe('demo');
  });

  test('numbers a changed question anew, above all numbers so far', async () => {
    const checked = {
      ...given([platformUsername, platformPassword], {}, { validateInput: true }),
      childPorts: { passwordPolicy: memoryPasswordPolicy() },
    };
    const first = await runNode(page, checked);
    const again = await first.again(['x'.repeat(300), 'long enough']);
    expect(again.callbacks.map(({ pageId }) => pageId)).toEqual([2, 1]);
    expect(again.shared.pageNodeCallbacks).toEqual({ '1': 1, '2': 0 });
    expect(again.callbacks[1]?.input).toEqual({ '': '', validateOnly: false });
    const done = await again.again(['demo', 'long enough']);
    expect(done.action).toMatchObject({ outcome: 'outcome' });
    expect(done.shared.username).toBe('demo');
  });

  test('tells the rules that all collectors see broken at once', async () => {
    const checked = {
      ...given([platformUsername, platformPassword], {}, { validateInput: true }),
      childPorts: { passwordPolicy: memoryPasswordPolicy() },
    };
    const again = await (await runNode(page, checked)).again(['', 'short']);
    expect(again.callbacks.map(({ output }) => (output.failedPolicies as string[]).length)).toEqual([1, 1]);
  });

  test('a node that decides waits until the ones above have what they need', async () => {
    const acted: string[] = [];
    const first = await runNode(page, given([usernameCollector, decision(acted)]));
    const again = await first.again(['', 'good']);
    expect(acted).toEqual([]);
    expect(again.callbacks.map(({ input }) => input)).toEqual([{ '': '' }, { '': 'good' }]);
    const done = await again.again(['demo', undefined]);
    expect(done.action).toMatchObject({ outcome: 'true' });
    expect(acted).toEqual(['good']);
  });
});

const inVersion2 = (definitions: readonly NodeDefinition[]) => ({ ...given(definitions), version: '2.0' });

describe('version 2.0: nodes that stand by themselves (spec: webauthn §10.7)', () => {
  const passkey = beside('Passkey');
  const signIn = inVersion2([usernameCollector, passwordCollector, passkey]);
  const typesOf = ({ callbacks }: { readonly callbacks: readonly { readonly type: string }[] }) =>
    callbacks.map(({ type }) => type);

  test('come last on the page, wherever they are listed', async () => {
    const form = ['NameCallback', 'PasswordCallback', 'HiddenValueCallback'];
    expect(typesOf(await runNode(page, signIn))).toEqual(form);
    expect(typesOf(await runNode(page, inVersion2([passkey, usernameCollector, passwordCollector])))).toEqual(form);
    const several = await runNode(page, inVersion2([beside('A'), usernameCollector, beside('B')]));
    expect(several.callbacks.map(({ output }) => output.id)).toEqual([undefined, 'A', 'B']);
  });

  test('hand out their outcomes beside those of the last other one', async () => {
    const done = await (await runNode(page, signIn)).again(['demo', 'secret', undefined]);
    expect(done.action).toMatchObject({ kind: 'goTo', outcome: 'c1-outcome' });
    const children = [
      { id: 'name', outcomes: { outcome: 'Outcome' } },
      { id: 'form', outcomes: { true: 'True', error: 'Of the form' } },
      { id: 'key', outcomes: { success: 'Success', error: 'Client Error' }, definition: passkey },
    ];
    expect(outcomesOfNode(page, {}, children, new Map())).toEqual({
      'form-true': 'True',
      'form-error': 'Of the form',
      'key-success': 'Success',
      'key-error': 'Client Error',
    });
  });

  test.each([
    ['an empty form', ['', ''], {}],
    ['a form that is filled in', ['demo', 'secret'], {}],
  ])('an answer to one wins over %s, of which nothing is kept', async (_what, form, state) => {
    const done = await (await runNode(page, signIn)).again([...form, 'success']);
    expect(done.action).toEqual({ kind: 'goTo', outcome: 'c2-success', detail: { by: 'Passkey' } });
    expect(done.state).toEqual(state);
  });

  test('the first one that has an answer decides', async () => {
    const decidedBy = async (...answers: (string | undefined)[]) => {
      const shown = await runNode(page, inVersion2([usernameCollector, beside('A'), beside('B')]));
      return (await shown.again(['', ...answers])).action;
    };
    expect(await decidedBy(undefined, 'success')).toMatchObject({ detail: { by: 'B' } });
    expect(await decidedBy('failure', 'success')).toMatchObject({ detail: { by: 'A' } });
  });

  test('without an answer the others decide, and it stays as it was while these ask', async () => {
    const shown = await runNode(page, signIn);
    const again = await shown.again(['demo', '', undefined]);
    expect(typesOf(again)).toEqual(typesOf(shown));
    expect(again.callbacks[2]).toEqual(shown.callbacks[2]);
    const done = await again.again([undefined, 'secret', undefined]);
    expect(done.action).toMatchObject({ outcome: 'c1-outcome' });
    expect(done.state).toEqual({ username: 'demo', password: 'secret' });
    const late = await (await (await runNode(page, signIn)).again(['demo', '', undefined])).again(['', '', 'success']);
    expect(late.action).toMatchObject({ outcome: 'c2-success' });
  });

  test('one that has nothing to ask for is not there, and decides nothing', async () => {
    const shown = await runNode(page, inVersion2([usernameCollector, idle]));
    expect(typesOf(shown)).toEqual(['NameCallback']);
    expect((await shown.again(['demo'])).action).toMatchObject({ outcome: 'c0-outcome' });
  });

  test('where there is nothing else, they decide alone', async () => {
    const shown = await runNode(page, inVersion2([passkey]));
    expect(typesOf(await shown.again([undefined]))).toEqual(['HiddenValueCallback']);
    expect((await shown.again(['failure'])).action).toMatchObject({ outcome: 'c0-failure' });
    expect((await runNode(page, inVersion2([idle]))).action).toMatchObject({ outcome: 'c0-noDevice' });
  });

  test('a form that needs nothing leaves the page without asking for them', async () => {
    expect((await runNode(page, inVersion2([silent, passkey]))).action).toMatchObject({ outcome: 'c0-outcome' });
  });

  test.each([
    ['a page of version 1.0', { version: '1.0' }, {}, 'success'],
    ['a node of version 1.0', {}, { version: '1.0' }, 'c2-success'],
  ])('%s knows none: the last node has the last word', async (_what, ofPage, ofNode, outcome) => {
    const children = signIn.children.map((child) => (child.definition === passkey ? { ...child, ...ofNode } : child));
    const shown = await runNode(page, { ...signIn, ...ofPage, children });
    const waits = await shown.again(['', '', 'success']);
    expect(typesOf(waits)).toEqual(typesOf(shown));
    expect((await waits.again(['demo', 'secret', undefined])).action).toMatchObject({ outcome });
  });
});
