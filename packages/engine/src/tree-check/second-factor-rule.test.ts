import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { foundIn } from './testing/found.ts';
import type { WiredNodes as Nodes } from './testing/wired-nodes.ts';

describe('ways past the second factor (SEC-36)', () => {
  const withRing = (config: object, to: Record<string, string>, more: Nodes = {}): Nodes => ({
    ask: { type: 'Ask', to: { outcome: 'ring' } },
    ring: { type: 'Ring', config: { ...config }, to },
    verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
    ...more,
  });

  test('a skip, unless the settings take it away', () => {
    const to = { sent: 'verify', skipped: SUCCESS };
    expect(foundIn('ask', withRing({}, to))).toEqual(['J06 warning ring skipped']);
    expect(foundIn('ask', withRing({ mandatory: true }, to))).toEqual(['J17 warning ring skipped']);
  });

  test('a failure that passes', () => {
    const nodes = withRing(
      { mandatory: true },
      { sent: 'verify' },
      { verify: { type: 'Verify', to: { right: SUCCESS, wrong: SUCCESS } } },
    );
    expect(foundIn('ask', nodes)).toEqual(['J06 warning verify wrong']);
  });

  test('a path that never gets to it is named where it turns away', () => {
    const nodes: Nodes = {
      ...withRing({ mandatory: true }, { sent: 'verify' }),
      ask: { type: 'Ask', to: { outcome: 'trusted' } },
      trusted: { type: 'Decide', to: { yes: 'hello', no: 'ring' } },
      hello: { type: 'Wait', to: { outcome: SUCCESS } },
    };
    expect(foundIn('ask', nodes)).toEqual(['J06 warning trusted yes']);
  });

  test('what comes after the proof is nobody’s business', () => {
    const nodes = withRing(
      { mandatory: true },
      { sent: 'verify' },
      {
        verify: { type: 'Verify', to: { right: 'decide', wrong: FAILURE } },
        decide: { type: 'Decide', to: { yes: SUCCESS, no: SUCCESS } },
      },
    );
    expect(foundIn('ask', nodes)).toEqual([]);
  });

  test('a journey that has none is no finding', () => {
    expect(foundIn('ask', { ask: { type: 'Ask', to: { outcome: SUCCESS } } })).toEqual([]);
  });

  test('a page hands out what its last node proves', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: { type: 'Ring', config: { mandatory: true }, to: { sent: 'page' } },
      page: {
        type: 'Page',
        inside: [
          { id: 'w', type: 'Wait' },
          { id: 'v', type: 'Verify' },
        ],
        to: { right: SUCCESS, wrong: SUCCESS },
      },
    };
    expect(foundIn('ask', nodes)).toEqual(['J06 warning page wrong']);
  });
});
