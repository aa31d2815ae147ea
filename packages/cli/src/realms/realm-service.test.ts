import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const withFile = (cli: TestCli, content: string): string => {
  writeFileSync(join(cli.cwd, 'service.json'), content);
  return 'service.json';
};
const ofRoot = (cli: TestCli) =>
  cli.inStore(async ({ configuration }) =>
    (await configuration.load()).services.filter(({ realm, type }) => realm === '/' && type === 'pushNotification'),
  );

const sns = {
  accessKey: 'key-id',
  secret: 'key-secret',
  appleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/GCM/phone',
};

test.each([
  ['text that is no JSON', 'secret-text{', /has to hold one JSON object/],
  ['a list', '[]', /has to hold one JSON object/],
  ['a missing value', '{"accessKey":"a"}', /appleEndpoint: Required unless delegateFactory is relay/],
  ['a wrong value', JSON.stringify({ ...sns, region: 'Mars' }), /region: Must be the name of an AWS region/],
  ['an unknown name', JSON.stringify({ ...sns, sekret: 'x' }), /sekret: is no setting of this service/],
])('%s is refused by name, and what was set stays', async (_, content, message) => {
  const cli = await testCliWithData();
  const before = await ofRoot(cli);
  const result = await cli.run('realm', 'set-service', 'pushNotification', '--file', withFile(cli, content));
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(result.stderr).not.toContain('secret-text');
  expect(await ofRoot(cli)).toEqual(before);
});

test('an unknown service, realm or file is refused', async () => {
  const cli = await testCliWithData();
  const file = withFile(cli, JSON.stringify(sns));
  expect(await cli.run('realm', 'set-service', 'constructor', '--file', file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^There is no service constructor\. Known are: pushNotification,/),
  });
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', file, '--realm', 'a')).toMatchObject({
    code: 1,
    stderr: 'There is no realm /a.\n  Try: assent realm list\n',
  });
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', 'none.json')).toMatchObject({ code: 2 });
});

test('a service is set with its defaults, and a running server need not be told', async () => {
  const cli = await testCliWithData();
  const before = await cli.inStore(({ configuration }) => configuration.version());
  const file = withFile(cli, JSON.stringify({ _id: '', ...sns }));
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', file)).toEqual({
    code: 0,
    stdout: 'The service pushNotification of realm / was set.\n',
    stderr: '',
  });
  const [service] = await ofRoot(cli);
  expect(service?.config).toMatchObject({ ...sns, region: 'us-east-1', mdDuration: 120 });
  expect(service?.config).not.toHaveProperty('_id');
  expect(await cli.inStore(({ configuration }) => configuration.version())).toBeGreaterThan(before);
});
