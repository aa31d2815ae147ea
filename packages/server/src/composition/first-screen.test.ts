import { expect, test } from 'vitest';
import { steeredServer } from '../testing/steered-server.ts';

const SECOND_FACTOR = 'second factor of administrators (ASSENT_ADMIN_SECOND_FACTOR)';

test.each([
  ['says that a password alone administers what others reach', { publicUrl: 'https://login.example.com/am' }, true],
  ['says nothing of it once it is on', { publicUrl: 'https://login.example.com/am', adminSecondFactor: true }, false],
  ['leaves somebody alone who tries things out on one machine', {}, false],
])('the first screen %s', async (_what, options, isSaid) => {
  const { assent } = await steeredServer({ port: 18_479, ...options });
  expect(assent.firstScreen.off.includes(SECOND_FACTOR)).toBe(isSaid);
  await assent.stop();
});

test('an administrator without a phone is told where to connect one, where one is needed (SEC-72)', async () => {
  const { assent } = await steeredServer({
    port: 18_479,
    publicUrl: 'https://login.example.com/am',
    adminSecondFactor: true,
  });
  expect(assent.firstScreen.connectPhone).toEqual({
    name: 'amadmin',
    url: 'https://login.example.com/am/login?authIndexType=service&authIndexValue=PushLogin',
  });
  await assent.stop();
});

test('whoever has an application to try is told the issuer, and of the client that was seeded for it', async () => {
  const { assent } = await steeredServer({ port: 8080 });
  expect(assent.firstScreen).toMatchObject({
    issuer: 'http://localhost:8080/am/oauth2/realms/root',
    demoClient: 'demo-app',
  });
  await assent.stop();
});
