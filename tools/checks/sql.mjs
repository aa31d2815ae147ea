import { misplacedStatements, unportableTexts } from './sql-texts.mjs';

const problems = [...misplacedStatements('.'), ...unportableTexts('.')];
for (const problem of problems) console.error(`error: ${problem}`);
console.log(`${problems.length} problems in texts of SQL`);
process.exit(problems.length > 0 ? 1 : 0);
