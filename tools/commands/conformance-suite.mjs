import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { compared } from '../conformance-suite/compared.mjs';
import { modulesOfSource } from '../conformance-suite/modules-of-source.mjs';
import { ROOT } from '../workspace.mjs';

// Compares our table of the OpenID conformance suite's modules with a copy of the suite's source (docs/guides/certifying.md).
const [given = process.env.ASSENT_SUITE_SOURCE] = process.argv.slice(2);
if (given === undefined) {
  process.stderr.write(
    'Say where the source of the suite is: npm run tools -- conformance-suite DIRECTORY, or ASSENT_SUITE_SOURCE.\n',
  );
  process.exit(2);
}
const { plans } = JSON.parse(readFileSync(join(ROOT, 'conformance/openid-suite/modules.json'), 'utf8'));
const source = isAbsolute(given) ? given : join(process.cwd(), given);
const { lines, problems } = compared(plans, modulesOfSource(source, plans));
process.stdout.write(`${lines.join('\n')}\n`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
