import { expect, onTestFinished, test, vi } from 'vitest';
import { WorkTurns } from '../src/bounds/work-turns.ts';
import { inject } from '../src/testing/inject.ts';
import { publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { steeredServer } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

// SEC-56, SEC-87: guesses whose walk waits for its turn, because the page after a wrong password is large.

const PASSWORD = 'correct horse 7';
const PORT = 18_716;
const GUESSES_OF_STRANGERS = 20;

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly { readonly type: string; readonly input?: readonly object[] }[];
}

const fill = ({ authId, callbacks = [] }: Step, username: string, password: string) => ({
  authId,
  callbacks: callbacks.map(({ type, input, ...it }) => ({
    ...it,
    type,
    input: input?.map((field) => ({ ...field, value: type === 'NameCallback' ? username : password })),
  })),
});

/** A line of walks that begins nothing until it is opened; `wait` until so many wait in it. */
const shutWalks = () => {
  let begin = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const reached = new Map<number, () => void>();
  let count = 0;
  const line = vi.spyOn(WorkTurns.prototype, 'next').mockImplementation(() => {
    count += 1;
    reached.get(count)?.();
    return opened;
  });
  onTestFinished(() => line.mockRestore());
  return { wait: (many: number) => new Promise<void>((resolve) => reached.set(many, resolve)), begin };
};

test('no more wrong passwords are tried than strangers have, however many of their walks wait for the page that follows', async () => {
  const server = await steeredServer({ port: PORT, insecure: true, trustedProxies: ['127.0.0.1'] });
  onTestFinished(() => server.assent.stop());
  const children = [
    { _id: 'Large-name', nodeType: 'UsernameCollectorNode', displayName: 'name' },
    { _id: 'Large-secret', nodeType: 'PasswordCollectorNode', displayName: 'secret' },
  ];
  await publishTree(server, 'Large', {
    page: ['PageNode', { outcome: 'check' }, { nodes: children }],
    check: ['DataStoreDecisionNode', { true: SUCCESS, false: 'again' }],
    again: ['PageNode', { outcome: 'check' }, { nodes: children, pageDescription: { en: 'x'.repeat(60_000) } }],
    name: ['UsernameCollectorNode', {}],
    secret: ['PasswordCollectorNode', {}],
  });
  await server.createUser('/', 'jane', PASSWORD);

  const post = async (body: object, source: string): Promise<Step> => {
    const answer = await inject(server.assent, {
      method: 'POST',
      url: '/am/json/authenticate?authIndexType=service&authIndexValue=Large',
      headers: {
        host: `localhost:${PORT}`,
        'content-type': 'application/json',
        'accept-api-version': 'resource=2.1, protocol=1.0',
        ...PAGE,
        'x-forwarded-for': source,
      },
      payload: JSON.stringify(body),
    });
    return answer.json<Step>();
  };
  const sources = Array.from({ length: GUESSES_OF_STRANGERS }, (_none, at) => `198.51.100.${at + 1}`);
  const steps = await Promise.all(sources.map((source) => post({}, source)));
  const last = await post({}, '203.0.113.9');

  const walks = shutWalks();
  const allWait = walks.wait(sources.length);
  const oneMoreWaits = walks.wait(sources.length + 1);
  const guesses = sources.map((source, at) => post(fill(steps[at] ?? {}, 'jane', `wrong ${at}`), source));
  await allWait;
  // It would be right, and is one more than strangers have.
  const right = post(fill(last, 'jane', PASSWORD), '203.0.113.9');
  await Promise.race([right, oneMoreWaits]);
  walks.begin();
  const answers = [...(await Promise.all(guesses)), await right];
  expect(answers.map(({ tokenId }) => tokenId)).toEqual(Array(sources.length + 1).fill(undefined));
});
