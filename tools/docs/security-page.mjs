import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace.mjs';
import { code, table } from './markdown.mjs';
import { RULES, UNTESTED } from './security-rules.mjs';
import { filesByRule } from './tests-by-rule.mjs';

/** How many files stand beside a rule: where to begin. More would be written anew with every other test. */
const SHOWN = 3;

/** The file without what all of them have in common, in a form that is found by its end. */
const shortened = (file) => code(file.replace(/^packages\//, ''));

const testsOf = (id, files) => {
  const all = [...(files.get(id) ?? [])];
  if (all.length === 0) return UNTESTED[id] === undefined ? '' : `_none:_ ${UNTESTED[id]}`;
  const more = all.length > SHOWN ? ', …' : '';
  return `${all.slice(0, SHOWN).map(shortened).join(', ')}${more}`;
};

const rulesTables = () => {
  const files = filesByRule();
  return Object.entries(RULES)
    .map(
      ([topic, rules]) =>
        `### ${topic}\n\n${table(
          ['Rule', 'What holds', 'Tests'],
          Object.entries(rules).map(([id, what]) => [id, what, testsOf(id, files)]),
        )}`,
    )
    .join('\n\n');
};

/** The page as it stands, with its map of rules and tests written anew. */
export const securityPage = () =>
  readFileSync(join(ROOT, 'docs/security.md'), 'utf8').replace(
    /(<!-- generated: rules -->\n)[\s\S]*?(<!-- end -->)/,
    (_, start, end) => `${start}\n${rulesTables()}\n\n${end}`,
  );
