import { nodeCliIo } from './command/cli-io.ts';
import { run } from './program.ts';

// Whoever reads us through `head` has read enough: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await run(nodeCliIo(), process.argv.slice(2));
