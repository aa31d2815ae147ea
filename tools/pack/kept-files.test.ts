import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyKept, keptInGit } from './kept-files.mjs';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assent-kept-'));
  mkdirSync(join(root, 'deploy/compose/secrets'), { recursive: true });
  for (const path of ['deploy/compose/.gitignore', 'deploy/compose/compose.yaml', 'deploy/README.md', 'LICENSE'])
    writeFileSync(join(root, path), path.endsWith('ignore') ? 'secrets/\n.env\n' : 'x');
  execFileSync('git', ['init', '-q'], { cwd: root });
  execFileSync('git', ['add', '.'], { cwd: root });
  // What somebody has left there since.
  for (const path of ['compose/secrets/master-key', 'compose/.env', 'users.json'])
    writeFileSync(join(root, 'deploy', path), 'secret');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('what is shipped of a folder is what is kept in git: no secret that was made there, and no file that lies about', () => {
  const kept = keptInGit(root);
  copyKept({ root, kept, from: 'deploy', to: join(root, 'out/deploy') });
  copyKept({ root, kept, from: 'LICENSE', to: join(root, 'out/COPYING') });
  const files = readdirSync(join(root, 'out'), { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  expect(files.map(({ name }) => name).sort()).toEqual(['.gitignore', 'COPYING', 'README.md', 'compose.yaml']);
});

test.each(['deploy/compose/secrets', 'deploy/comp', 'nowhere'])('%s, of which nothing is in git, is missed', (from) => {
  expect(() => copyKept({ root, kept: keptInGit(root), from, to: join(root, 'other') })).toThrow('is not in git');
});
