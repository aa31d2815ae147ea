#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
// An older one knows neither what is loaded here nor how to say so: it would end with a stack trace. Debian 12 has Node 18.
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Assent needs Node 20.19 or newer, and this is ${process.versions.node}.\n  Try: Node 24, of nodejs.org or your distribution`,
  );
  process.exit(1);
}
// SIGHUP has a server read its files anew, and ends a process that does not listen to it: it takes a second to load what does. All is read after
// that anyway. Where a person sits at the terminal, it was closed.
if (process.argv.includes('serve') && !require('node:tty').isatty(0)) process.on('SIGHUP', () => {});
// CommonJS, since an ES module is read by the thread pool, whose size is settled by then.
require('./thread-pool.cjs');
import('../dist/bundle/main.js');
