/** Vitest reporter whose last line is `N passed, N failed, N skipped`, which CI reads. */
export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests += 1;
        const state = test.result().state;
        count[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
      }
      // A file that could not be loaded ran no test, and must not look like success.
      if (tests === 0 && module.state() === 'failed') count.failed += 1;
    }
    count.failed += unhandledErrors.length;
    const line = `${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`;
    process.on('exit', () => process.stdout.write(`${line}\n`));
  }
}
