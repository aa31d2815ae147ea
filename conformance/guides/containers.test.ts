import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newCertificate } from '@assent/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';

// There is no Docker engine and no cluster where tests run: what those are given is looked at here, and started in conformance/deploy.

const guide = new Guide('containers');
const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));
const isMissing = ['openssl'].some((name) => spawnSync(name, ['version']).status !== 0);

describe.skipIf(isMissing)(`the guide to containers${isMissing ? ' (skipped: there is no openssl)' : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
  let followed: Followed;
  beforeAll(async () => {
    cpSync(join(deploy, 'compose'), join(directory, 'deploy/compose'), { recursive: true });
    const { certificateFile, keyFile } = await newCertificate(directory);
    cpSync(certificateFile, join(directory, 'deploy/compose/fullchain.pem'));
    cpSync(keyFile, join(directory, 'deploy/compose/privkey.pem'));
    followed = await guide.follow({ directory, env: {} });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('makes every secret that compose.yaml names, for nobody but who reads it', () => {
    expect(followed.code, followed.printed.join('\n')).toBe(0);
    const compose = readFileSync(join(deploy, 'compose/compose.yaml'), 'utf8');
    const files = [...compose.matchAll(/file: \.\/(secrets\/\S+)/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const { mode } = statSync(join(directory, 'deploy/compose', file));
      expect([file, mode & 0o077]).toEqual([file, file.includes('authority') ? 0o044 : 0]);
    }
  });

  test('gives Kubernetes every file that its settings name, and no other', () => {
    const settings = readFileSync(join(deploy, 'kubernetes/base/settings.env'), 'utf8');
    const named = [...settings.matchAll(/\/run\/secrets\/assent\/(\S+)/g)].map(([, name]) => name);
    const given = [...guide.text.matchAll(/--from-file=(\S+)/g)].map(([, name]) => name);
    expect(new Set(given)).toEqual(new Set(named));
  });

  test('names services, deployments and files that are there', () => {
    const compose = readFileSync(join(deploy, 'compose/compose.yaml'), 'utf8');
    for (const [, name] of guide.text.matchAll(/--no-deps (\S+)/g)) expect(compose).toContain(`\n  ${name}:\n`);
    for (const [, path = ''] of guide.text.matchAll(/--kustomize (\S+)/g))
      expect(existsSync(join(deploy, '..', path, 'kustomization.yaml'))).toBe(true);
  });
});
