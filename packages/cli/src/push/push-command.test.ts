import { expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';

/** A store with a user, and a request to one phone as it is noted: taken by the provider, or refused. */
const withRequest = async (steps: readonly (readonly [step: string, cause?: string])[]) => {
  const cli = await testCliWithData();
  const { messageIdHash, traceLine } = await import('@assent/push');
  const id = 'AUTHENTICATE:one';
  const lines = steps.map(([step, cause], at) =>
    traceLine({ step: step as 'sent', at: cli.now + at * 1_000, by: 'instance-1', cause }),
  );
  await cli.inStore(async ({ committer }) => {
    const row = {
      id,
      kind: 'AUTHENTICATE',
      request: id,
      realm: '/',
      userId: 'u1',
      username: 'ann',
      journeyId: 'journey-1',
      deviceUuid: 'device-1',
      mechanismUid: 'm1',
      challenge: new Uint8Array(32),
      pushType: 'DEFAULT',
      state: 'pending',
      createdAt: cli.now,
      expiresAt: cli.now + 120_000,
      attempts: 0,
      delivery: 'sent',
      trace: lines.join(''),
    } as const;
    const detail = { message: messageIdHash(id), devices: 1, journey: 'journey-1', by: 'instance-1' };
    const event = { at: cli.now, event: 'PUSH_SENT', realm: '/', transactionId: 't1', userId: 'u1', detail };
    const result = await committer.commit([
      { type: 'identity.insert', id: 'u1', realm: '/', username: 'ann', attributes: {} },
      { type: 'push.open', rows: [row] },
      { type: 'audit.append', event },
    ]);
    expect(result).toEqual({ committed: true });
  });
  return { cli, trace: `u1.${messageIdHash(id)}` };
};

test('tells the steps of the newest requests of a user, and what to do (OPS-50)', async () => {
  const { cli, trace } = await withRequest([['queued'], ['sent']]);
  const { code, stdout } = await cli.run('push', 'trace', '--user', 'ann');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    trace,
    expect.stringMatching(
      /Z {2}The request was committed, and is to be sent\. {2}\[phone device-1, instance instance-1\]$/,
    ),
    expect.stringMatching(/Z {2}The provider has accepted the message\./),
    expect.stringContaining('What to do: The provider has it: let the user look whether the phone is online'),
    '',
  ]);
});

test('tells one by its id, as JSON for programs', async () => {
  const { cli, trace } = await withRequest([['queued'], ['failed', 'NoTransport']]);
  const { stdout } = await cli.run('push', 'trace', trace, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    request: {
      id: trace,
      isComplete: true,
      steps: [{ step: 'queued' }, { step: 'failed', cause: 'NoTransport', by: 'instance-1', device: 'device-1' }],
      todo: 'The realm has no service for phones of this kind: assent doctor names the setting.',
    },
  });
});

test.each([
  [['push', 'trace'], 2, 'Say which'],
  [['push', 'trace', 'x', '--user', 'ann'], 2, 'Say which'],
  [['push', 'trace', 'u1.x'], 1, 'There is no request u1.x'],
  [['push', 'trace', '--user', 'bob'], 1, 'There is no user bob in realm /.'],
])('%j is refused with what is wrong', async (args, code, says) => {
  const { cli } = await withRequest([['queued']]);
  const result = await cli.run(...args);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(says);
});
