import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/assent.cjs', import.meta.url));

/** The command as a Node of that version begins it; we have none, so that one says it were. */
const underNode = (version: string) => {
  const claim = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
  return spawnSync(process.execPath, ['--import', claim, BIN, '--version'], { encoding: 'utf8' });
};

test('a Node that is too old is told of in a sentence, and one that is not runs', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(engines.node).toBe('>=20.19');
  for (const version of ['18.19.1', '20.18.3']) {
    const { status, stderr, stdout } = underNode(version);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      `Assent needs Node 20.19 or newer, and this is ${version}.\n  Try: Node 24, of nodejs.org or your distribution\n`,
    );
  }
  expect(underNode('20.19.0')).toMatchObject({ status: 0, stderr: '' });
});
