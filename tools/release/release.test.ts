import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { billOfMaterials } from './bill-of-materials.mjs';
import { nextVersion, sectionOf, writtenSection } from './changes.mjs';

const ofBumps = (...bumps: readonly string[]) => bumps.map((bump) => ({ summary: `A ${bump} change.`, bumps: [bump] }));

describe('a release (OPS-72)', () => {
  test.each([
    [['patch'], '1.2.4'],
    [['patch', 'minor'], '1.3.0'],
    [['minor', 'major', 'patch'], '2.0.0'],
    [[], '1.2.3'],
  ])('with changes of %j is %s after 1.2.3', (bumps, version) => {
    expect(nextVersion('1.2.3', ofBumps(...bumps))).toBe(version);
  });

  test('has the section of the changelog that its version has written', () => {
    const changelog = `# Changelog\n\nWords.\n\n${sectionOf('1.1.0', ofBumps('minor'))}\n${sectionOf('1.0.1', ofBumps('patch'))}`;
    expect(writtenSection(changelog, '1.1.0')).toBe('## 1.1.0\n\n- A minor change.\n');
    expect(writtenSection(changelog, '1.0.1')).toBe('## 1.0.1\n\n- A patch change.\n');
    expect(writtenSection(changelog, '1.0')).toBeUndefined();
  });

  test('is not published from a machine', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'tools/commands/release.mjs')], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('A release is published by a public CI alone');
    expect(stderr).toContain('npm run tools -- release --dry-run');
  });
});

describe('the bill of materials (OPS-72)', () => {
  const manifest = { name: 'assent', version: '1.0.0', license: 'Apache-2.0', dependencies: { a: '1.0.0' } };
  const integrity = `sha512-${Buffer.from('digest').toString('base64')}`;
  const entry = (version: string, more: object = {}) => ({ version, integrity, license: 'MIT', ...more });
  const lock = {
    packages: {
      '': { name: 'workspace' },
      'node_modules/a': entry('1.0.0', {
        dependencies: { b: '^2.0.0', '@x/c': '*' },
        optionalDependencies: { d: '1' },
      }),
      'node_modules/b': entry('1.0.0'),
      'node_modules/a/node_modules/b': entry('2.0.0', { dependencies: { '@x/c': '*' } }),
      'node_modules/@x/c': entry('3.0.0', { license: '(MIT OR ISC)', optional: true, dependencies: { a: '*' } }),
      'node_modules/dev': entry('1.0.0', { dev: true }),
    },
  };
  const bill = (given: object = {}) => billOfMaterials({ lock, manifest, sha256: 'ab'.repeat(32), ...given });

  test('lists what is needed, in the version that Node would find, and nothing that we only develop with', () => {
    expect(bill().components.map(({ purl }: { purl: string }) => purl)).toEqual([
      'pkg:npm/%40x/c@3.0.0',
      'pkg:npm/a@1.0.0',
      'pkg:npm/b@2.0.0',
    ]);
    expect(bill().dependencies).toContainEqual({
      ref: 'pkg:npm/a@1.0.0',
      dependsOn: ['pkg:npm/%40x/c@3.0.0', 'pkg:npm/b@2.0.0'],
    });
    expect(bill().dependencies).toContainEqual({ ref: 'pkg:npm/assent@1.0.0', dependsOn: ['pkg:npm/a@1.0.0'] });
  });

  test('lists what the program has in it beside what is installed with it (OPS-71)', () => {
    expect(bill({ inside: ['b'] }).components.map(({ purl }: { purl: string }) => purl)).toContain('pkg:npm/b@1.0.0');
    expect(() => bill({ inside: ['e'] })).toThrow('1 dependencies of the package are not in the lock file.');
  });

  test('has licences and digests in the words of CycloneDX', () => {
    const [scoped, plain] = bill().components;
    expect(scoped).toMatchObject({ scope: 'optional', licenses: [{ expression: 'MIT OR ISC' }] });
    expect(plain).toMatchObject({ scope: 'required', licenses: [{ license: { id: 'MIT' } }] });
    expect(plain.hashes).toEqual([{ alg: 'SHA-512', content: Buffer.from('digest').toString('hex') }]);
  });

  test('is the same for the same package, and has another number for another', () => {
    expect(bill()).toEqual(bill());
    expect(bill().serialNumber).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    expect(bill({ sha256: 'cd'.repeat(32) }).serialNumber).not.toBe(bill().serialNumber);
  });

  test('is refused where the lock file lacks something that the package needs', () => {
    const needing = { ...manifest, dependencies: { a: '1.0.0', e: '1.0.0' } };
    expect(() => bill({ manifest: needing })).toThrow('1 dependencies of the package are not in the lock file.');
  });

  test('can be made of our own lock file, each component with its licence and digest (SEC-83)', () => {
    const own = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const dependencies = { pino: '10.4.0', pg: '8.23.1', '@node-rs/argon2': '2.2.1' };
    const { components } = bill({ lock: own, manifest: { ...manifest, dependencies } });
    expect(components.length).toBeGreaterThan(20);
    for (const { hashes, licenses } of components) {
      expect(hashes[0].content).toMatch(/^[\da-f]{128}$/);
      expect(licenses).toHaveLength(1);
    }
  });
});
