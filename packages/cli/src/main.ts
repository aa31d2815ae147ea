import { nodeCliIo } from './cli-io.ts';
import { run } from './program.ts';

await run(nodeCliIo(), process.argv.slice(2));
