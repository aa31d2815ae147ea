import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS, type TreeDocument } from '../model/tree.ts';
import { checkTrees } from './check-trees.ts';
import { found } from './testing/found.ts';
import { wiredTree as tree, wiredNodes } from './testing/wired-nodes.ts';

type Settings = Partial<TreeDocument>;

const END = { yes: SUCCESS, no: FAILURE };

describe('journeys in journeys', () => {
  const outer = (name: string, to: Record<string, string> = { true: SUCCESS, false: FAILURE }) =>
    tree('Outer', 'ask', {
      ask: { type: 'Ask', to: { outcome: 'run' } },
      run: { type: 'Inner', config: { tree: name }, to },
    });
  const proving = (mandatory: boolean, settings: Settings = {}) =>
    tree(
      'Factor',
      'ring',
      {
        ring: { type: 'Ring', config: { mandatory }, to: { sent: 'wait', ...(mandatory ? {} : { skipped: SUCCESS }) } },
        wait: { type: 'Wait', to: { outcome: 'verify' } },
        verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
      },
      settings,
    );

  test('one that is asked for by a back channel, and is missing, switched off, or runs inside others alone', () => {
    const asking = tree('Ask', 'ask', {
      ask: { type: 'AsksElsewhere', config: { tree: 'Factor' }, to: { outcome: SUCCESS } },
    });
    expect(found(asking)).toEqual(['J13 error ask']);
    expect(found(asking, proving(true, { enabled: false }))).toContain('J13 error Ask ask');
    expect(found(asking, proving(true, { innerTreeOnly: true }))).toContain('J13 error Ask ask');
    // Who asks also supplies what the journey needs.
    expect(found(asking, proving(true, { transactionalOnly: true }))).toEqual([]);
  });

  test('one that is missing, switched off, or that runs the other in turn', () => {
    expect(found(outer('Gone'))).toEqual(['J13 error run']);
    expect(found(outer('Factor'), proving(true, { enabled: false }))).toEqual(['J13 error Outer run']);
    const back = tree('Back', 'run', {
      run: { type: 'Inner', config: { tree: 'Outer' }, to: { true: SUCCESS, false: FAILURE } },
    });
    expect(found(outer('Back'), back)).toEqual(['J13 error Outer run', 'J13 error Back run']);
    expect(found(outer('Outer'))).toEqual(['J13 error run']);
  });

  test('what it needs comes from the journey around it', () => {
    expect(found(outer('Factor'), proving(true))).toEqual([]);
    expect(found(proving(true))).toEqual(['J03 error ring']);
    expect(found(proving(true, { innerTreeOnly: true }))).toEqual([]);
    const nameless = tree('Outer', 'run', {
      run: { type: 'Inner', config: { tree: 'Factor' }, to: { true: SUCCESS, false: FAILURE } },
    });
    expect(found(nameless, proving(true))).toEqual(['J03 error Outer run']);
  });

  test('what it supplies hangs on how it ends', () => {
    const asks = tree('Asks', 'decide', {
      decide: { type: 'Decide', to: { yes: 'ask', no: FAILURE } },
      ask: { type: 'Ask', to: { outcome: SUCCESS } },
    });
    const then = (end: string) =>
      tree('Outer', 'run', {
        run: { type: 'Inner', config: { tree: 'Asks' }, to: { true: FAILURE, false: FAILURE, [end]: 'ring' } },
        ring: { type: 'Ring', config: { mandatory: true }, to: { sent: FAILURE } },
      });
    expect(found(then('true'), asks)).toEqual([]);
    expect(found(then('false'), asks)).toEqual(['J03 error Outer ring']);
  });

  test('its Success counts as a second factor only if every way there proves one', () => {
    expect(found(outer('Factor'), proving(true))).toEqual([]);
    expect(found(outer('Factor'), proving(false))).toEqual([
      'J06 warning Outer run true',
      'J06 warning Factor ring skipped',
    ]);
    expect(found(outer('Factor', { true: SUCCESS, false: SUCCESS }), proving(true))).toEqual([
      'J06 warning Outer run false',
    ]);
  });

  test('a loop around one that rings, rings', () => {
    expect(found(outer('Factor', { true: SUCCESS, false: 'run' }), proving(true))).toEqual([
      'J04 warning Outer run false',
    ]);
  });

  test('a loop around one that asks nobody spins', () => {
    const silent = tree('Silent', 'decide', { decide: { type: 'Decide', to: END } });
    expect(found(outer('Silent', { true: SUCCESS, false: 'run' }), silent)).toEqual(['J05 error Outer run']);
  });

  test('only those that are asked for are told of, with a look into what they run', () => {
    const trees = [outer('Factor'), proving(false)];
    const told = checkTrees({ trees, catalogue: wiredNodes, only: ['Outer', 'Nothing'] });
    expect(told.map(({ code, tree: name }) => [code, name])).toEqual([['J06', 'Outer']]);
    expect(checkTrees({ trees, catalogue: wiredNodes, only: ['Factor'] }).map(({ code }) => code)).toEqual(['J06']);
  });

  test('a thousand journeys in one another are no trouble', () => {
    const chain = Array.from({ length: 1_000 }, (_, at) =>
      tree(`T${at}`, 'run', {
        run: { type: 'Inner', config: { tree: `T${at + 1}` }, to: { true: SUCCESS, false: FAILURE } },
      }),
    );
    expect(found(...chain)).toEqual(['J13 error T999 run']);
  });
});
