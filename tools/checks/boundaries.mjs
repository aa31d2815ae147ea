import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config from '../../.dependency-cruiser.mjs';
import { crowdedRooms } from './rooms.mjs';

/** Fewer modules than this means that the tool could not read TypeScript, which it does not report by itself. */
const MIN_MODULES = 60;

const { output } = await cruise(
  ['packages', 'conformance', 'bench'],
  { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
  config.options.enhancedResolveOptions,
  { tsConfig: extractTSConfig(config.options.tsConfig.fileName) },
);
const own = output.modules.filter((module) => /^(packages|conformance|bench)\//.test(module.source));
if (own.length < MIN_MODULES) {
  console.error(
    `Only ${own.length} modules were read; at least ${MIN_MODULES} are expected. Is TypeScript 6 installed?`,
  );
  process.exit(1);
}
for (const violation of output.summary.violations) {
  console.error(`${violation.rule.severity} ${violation.rule.name}: ${violation.from} → ${violation.to}`);
}
const crowded = crowdedRooms('.', config.packages);
for (const problem of crowded) console.error(`error rooms: ${problem}`);
console.log(`${own.length} modules, ${output.summary.violations.length + crowded.length} violations`);
process.exit(output.summary.error + crowded.length > 0 ? 1 : 0);
