import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { recoveryCodeDisplay } from './recovery-code-display.node.ts';

const codes = ['0ABCDEFGHJKMNPQR', '1ABCDEFGHJKMNPQR'];

test.each([[{}], [{ recoveryCodes: [] }], [{ recoveryCodeDeviceName: 'Pixel 8' }]])(
  'goes on at once without codes (%j)',
  async (state) => {
    const { action, state: after, audit } = await runNode(recoveryCodeDisplay, { state });
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(after).toEqual({});
    expect(audit).toEqual([]);
  },
);

test('shows the codes in one script, and forgets them in the same step', async () => {
  const given = { state: { recoveryCodes: codes, recoveryCodeDeviceName: 'Pixel 8' } };
  const { callbacks, state, audit } = await runNode(recoveryCodeDisplay, given);
  expect(callbacks).toHaveLength(1);
  expect(callbacks[0]).toMatchObject({ type: 'TextOutputCallback', output: { messageType: 4 } });
  const script = String(callbacks[0]?.output.message);
  for (const code of codes) expect(script).toContain(`    "${code}\\n" +`);
  expect(script).toContain('<h3>Your Recovery Codes</h3>');
  expect(script).toContain('<em>Pixel 8</em>');
  expect(state).toEqual({});
  expect(audit).toEqual([{ event: 'RECOVERY_SHOWN', detail: { count: 2 } }]);
});

test('shows them once: the next request goes on', async () => {
  const shown = await runNode(recoveryCodeDisplay, { state: { recoveryCodes: codes } });
  expect((await shown.again()).action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
});

test('declares its inputs, so that the codes outlive an interactive node before it', () => {
  const names = recoveryCodeDisplay.inputs.map((input) => ('optionalKey' in input ? input.optionalKey.keyName : ''));
  expect(names).toEqual(['recoveryCodes', 'recoveryCodeDeviceName']);
});
