import { runTool } from '../workspace.mjs';

/**
 * Starts the services of `compose.yaml` with this command in place of the entry point of the image, and has the tests of them pass: the example
 * journey through HAProxy, with PostgreSQL, Valkey and two instances. Skipped, with the reason, where servers or root are missing.
 *
 * @param {readonly string[]} command a program, and the words before those of `assent`
 */
export const checkTopology = (command) =>
  runTool('vitest/vitest.mjs', ['run', 'conformance/deploy/topology.test.ts'], {
    env: { ...process.env, ASSENT_TEST_COMMAND: JSON.stringify(command) },
  });
