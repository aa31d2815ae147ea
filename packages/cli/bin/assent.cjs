#!/usr/bin/env node
// CommonJS, since an ES module is read by the thread pool, whose size is settled by then.
require('./thread-pool.cjs');
import('../dist/bundle/main.js');
