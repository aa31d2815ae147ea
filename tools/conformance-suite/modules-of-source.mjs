import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = 'src/main/java/net/openid/conformance';

/** Every class of a copy of the suite's source, by its name. */
const readClasses = (source) =>
  new Map(
    readdirSync(join(source, ROOT), { recursive: true })
      .filter((path) => path.endsWith('.java'))
      .map((path) => [path.replace(/^.*[\\/]|\.java$/g, ''), readFileSync(join(source, ROOT, path), 'utf8')]),
  );

const withoutComments = (java) => java.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

/** What a module is called where its results are shown; undefined for any other class. */
const moduleName = (java) => /@PublishTestModule\s*\([\s\S]*?testName\s*=\s*"([^"]+)"/.exec(java ?? '')?.[1];

/** The classes that a plan lists, its own and those of the plans that it is made of, without those that it takes out again. */
const classesOf = (classes, plan) => {
  const java = classes.get(plan);
  if (java === undefined) throw new Error(`The source has no plan ${plan}.`);
  const code = withoutComments(java);
  const removed = new Set([...code.matchAll(/\.remove\(\s*(\w+)\.class/g)].map(([, name]) => name));
  const own = [...code.matchAll(/\b(\w+)\.class\b/g)].map(([, name]) => name);
  const others = [...code.matchAll(/\b(\w+TestPlan)(?:\(\)\.testModulesWithVariants|\.testModules)\b/g)]
    .map(([, name]) => name)
    .filter((name) => name !== plan);
  return [...new Set([...own, ...others.flatMap((name) => classesOf(classes, name))])].filter(
    (name) => !removed.has(name),
  );
};

/** The modules of a plan in a copy of the suite's source, in the order in which they run. */
export const modulesOfSource = (source, plans) => {
  const classes = readClasses(source);
  return Object.fromEntries(
    plans.map(({ plan, only }) => {
      const names = classesOf(classes, plan).flatMap((name) => moduleName(classes.get(name)) ?? []);
      return [plan, [...new Set(names)].filter((name) => only === undefined || new RegExp(only).test(name))];
    }),
  );
};
