import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compared } from './compared.mjs';
import { modulesOfSource } from './modules-of-source.mjs';

let source: string;
beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), 'assent-suite-'));
});
afterEach(() => rmSync(source, { recursive: true }));

const write = (name: string, java: string): void => {
  const folder = join(source, 'src/main/java/net/openid/conformance/openid');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.java`), java);
};
const module = (name: string) => `@PublishTestModule(\n\ttestName = "${name}",\n\tsummary = "x"\n)\npublic class X {}`;

test('the modules of a plan are read, and those of the plan that it is made of, without those that it takes out', () => {
  write('One', module('module-one'));
  write('Two', module('module-two'));
  write('Three', module('module-three'));
  write('Variant', 'public enum Variant {}');
  write('FirstTestPlan', 'List.of(One.class, // Three.class\n Two.class), new Variant(Variant.class, "x")');
  write('SecondTestPlan', 'modules = new ArrayList<>(FirstTestPlan.testModules); modules.remove(Two.class);');
  write('ThirdTestPlan', 'return change(new FirstTestPlan().testModulesWithVariants()); /* Three.class */');
  const plans = [{ plan: 'FirstTestPlan' }, { plan: 'SecondTestPlan' }, { plan: 'ThirdTestPlan', only: 'two$' }];
  expect(modulesOfSource(source, plans)).toEqual({
    FirstTestPlan: ['module-one', 'module-two'],
    SecondTestPlan: ['module-one'],
    ThirdTestPlan: ['module-two'],
  });
  expect(() => modulesOfSource(source, [{ plan: 'NoTestPlan' }])).toThrow('no plan NoTestPlan');
});

test('a module that one of the two lacks, and one without a test or a reason, is a problem', () => {
  const modules = {
    old: { reason: 'why' },
    kept: { file: 'a.test.ts', test: 'does' },
    empty: {},
    both: { file: 'a', test: 'b', reason: 'c' },
  };
  const { problems } = compared([{ plan: 'P', profile: 'Profile', modules }], { P: ['kept', 'empty', 'both', 'new'] });
  expect(problems).toEqual([
    'P: new is in the source, and not in our table.',
    'P: old is in our table, and not in the source any more.',
    'P: empty has neither a test nor a reason, or both.',
    'P: both has neither a test nor a reason, or both.',
  ]);
  const whole = { kept: modules.kept, old: modules.old };
  expect(compared([{ plan: 'P', profile: 'Profile', modules: whole }], { P: ['kept', 'old'] }).problems).toEqual([]);
});
