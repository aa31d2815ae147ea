// Gives the thread pool a thread for each password that may be hashed at once (OPS-30). The pool starts with its first task, long before a
// flag or a file is read, so that the environment alone can say how many those are. The quota of a container lets fewer of them work.
const { availableParallelism } = require('node:os');

const LEAST = 4;
const MOST = 1024;
/** So that no file and no name of a host waits behind passwords. */
const BESIDE_HASHES = 2;

const given = process.env.ASSENT_HASH_CONCURRENCY ?? '';
const hashes = /^[1-9]\d{0,3}$/.test(given) ? Number(given) : availableParallelism();
process.env.UV_THREADPOOL_SIZE ||= String(Math.min(MOST, Math.max(LEAST, hashes + BESIDE_HASHES)));
