import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineNode } from './node-definition.ts';
import { fakeRequest, journeyHarness } from './testing/index.ts';
import { FAILURE, SUCCESS } from './tree.ts';

const says = defineNode({
  type: 'Says',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ cookie: z.string().default('seen') }),
  outcomes: { outcome: 'Outcome' },
  async process({ config, journey, goTo }) {
    journey.identifyByName('demo');
    journey.setSessionProperty('mood', '{"good":true}');
    journey.addSuccessDetails({ greeting: 'hello' });
    journey.addSuccessProperties({ feels: 'mood', nothing: 'unset' });
    journey.addFailureDetails({ hint: 'try again' });
    journey.setErrorMessage('No.');
    journey.setCookie({ name: config.cookie, value: '1', secure: true, httpOnly: true });
    return goTo('outcome');
  },
});

const atSuccess = defineNode({
  type: 'AtSuccess',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  async process({ goTo }) {
    return goTo('outcome');
  },
  async onJourneySuccess({ journey, request, realm }) {
    const value = `${journey.identifiedUser} ${request.clientAddress} ${realm.realm}`;
    journey.setCookie({ name: 'late', value, secure: false, httpOnly: false });
  },
});

const setUp = (end: string, noSession = false, cookie = 'seen') =>
  journeyHarness({
    nodes: [says, atSuccess],
    trees: {
      Login: {
        entry: 'says',
        nodes: {
          says: { type: 'Says', config: { cookie }, to: { outcome: 'late' } },
          late: { type: 'AtSuccess', to: { outcome: end } },
        },
        settings: { noSession },
      },
    },
    users: { demo: {} },
  });

test('success brings the members and cookies that nodes wished for, properties of the session as JSON', async () => {
  const answer = await setUp(SUCCESS).start();
  expect(answer).toMatchObject({ details: { greeting: 'hello', feels: { good: true } } });
  expect(answer).not.toHaveProperty('details.nothing');
  expect(answer.cookies?.map(({ name }) => name)).toEqual(['seen', 'late']);
});

test('a hook of success knows who signs in, from where and into which realm', async () => {
  const answer = await setUp(SUCCESS).start(undefined, {}, fakeRequest({ clientAddress: '192.0.2.9' }));
  expect(answer.cookies?.at(-1)?.value).toMatch(/^\S+ 192\.0\.2\.9 \/$/);
});

test('without a session there are no properties of one', async () => {
  expect(await setUp(SUCCESS, true).start()).toMatchObject({ details: { greeting: 'hello' } });
});

test('failure brings the words and members for failure, and no others', async () => {
  await expect(setUp(FAILURE).start()).rejects.toMatchObject({
    code: 'LOGIN_FAILED',
    detail: { failureUrl: '', message: 'No.', members: { hint: 'try again' } },
  });
});

test('no node sets a cookie of the server’s own: it could sign the browser in as somebody else', async () => {
  await expect(setUp(SUCCESS, false, 'session').start()).rejects.toMatchObject({
    code: 'NODE_FAILED',
    detail: { reason: 'The cookie "session" belongs to the server.' },
  });
});
