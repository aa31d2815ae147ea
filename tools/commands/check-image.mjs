import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { checkTopology } from '../deploy/topology.mjs';
import { layOutImage } from '../image/context.mjs';
import { dockerfileProblems } from '../image/dockerfile-rules.mjs';
import { builderIn, installNode, makeBase, missingTools } from '../image/tools.mjs';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT } from '../workspace.mjs';

/**
 * `npm run tools -- check-image`: builds the image on a base of Debian and Node 24, unpacks it, and starts it as its user on a root that is read-only,
 * without an engine of containers (OPS-69). Takes some minutes.
 */
const MAX_BYTES = 250_000_000;

const say = (text) => process.stderr.write(`${text}\n`);
const expected = (isSo, what) => {
  if (!isSo) throw new CommandFailed(what, 'a no', '');
};

/** All bytes below a folder, as they lie on a disk that knows no holes. */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

/**
 * A script that runs a command in the image as the image says: its user, environment and folder, on a root that nobody can write to, and with a
 * volume for data. What an engine would do by namespaces, `unshare` does for the mounts, which end with the command.
 */
const writeEntry = (scratch, bundle) => {
  const { process: config } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  const { uid, gid } = config.user;
  const root = join(bundle, 'rootfs');
  const data = join(scratch, 'data');
  const env = config.env.map((it) => `'${it}'`).join(' ');
  const inside = [
    'set -e',
    `mount --bind '${root}' '${root}'`,
    `mount -o remount,bind,ro '${root}'`,
    `mount --bind '${data}' '${root}/data'`,
    `mount --rbind /dev '${root}/dev'`,
    `mount -t proc proc '${root}/proc' 2>/dev/null || mount --rbind /proc '${root}/proc'`,
    // Port and seed are the test's; all else is the image's.
    `exec chroot --userspec=${uid}:${gid} '${root}' /usr/bin/env -i -C '${config.cwd}' ${env} ASSENT_DRAIN_SECONDS=0 ASSENT_PORT="$ASSENT_PORT" "$@"`,
  ].join('\n');
  // An engine gives each container one.
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(scratch, 'inside.sh'), inside);
  const entry = join(scratch, 'enter.sh');
  writeFileSync(
    entry,
    `#!/bin/sh\nexec unshare --mount --propagation private sh '${join(scratch, 'inside.sh')}' "$@"\n`,
  );
  chmodSync(entry, 0o755);
  return { entry, uid, gid, args: config.args, data };
};

const checkProcessor = async (scratch) => {
  const folder = join(scratch, 'arm64');
  await layOutImage(folder, 'arm64');
  const native = readdirSync(join(folder, 'node_modules/@node-rs'));
  expected(native.join() === 'argon2,argon2-linux-arm64-gnu', `What is laid out for arm64 has ${native.join(', ')}`);
  say('  can be laid out for arm64');
};

const check = async (scratch) => {
  await ensureReady({ say });
  await ensureDeclarations({ say });
  const problems = dockerfileProblems(readFileSync(join(ROOT, 'deploy/image/Dockerfile'), 'utf8'));
  expected(problems.length === 0, problems.join('; '));
  const context = join(scratch, 'context');
  const { version } = await layOutImage(context, 'x64');
  say(`Assent ${version}`);
  const builder = builderIn(join(scratch, 'store'));
  await builder.build(await makeBase(await installNode()), 'localhost/base:node24');
  await builder.build(context, `localhost/assent:${version}`, 'localhost/base:node24');
  const { Docker } = await builder.inspect(`localhost/assent:${version}`);
  expected(Docker.config.User === '65532:65532', `The user of the image is ${Docker.config.User}`);
  expected(Docker.config.Healthcheck?.Test?.join(' ') === 'CMD assent health', 'The image has no health check');
  const bundle = join(scratch, 'bundle');
  await builder.unpack(`localhost/assent:${version}`, bundle);
  const size = sizeOf(join(bundle, 'rootfs'));
  expected(size <= MAX_BYTES, `It has ${size} bytes, and ${MAX_BYTES} are the most`);
  say(`  is built without an engine, ${(size / 1e6).toFixed(0)} MB unpacked`);

  const { entry, uid, gid, args, data } = writeEntry(scratch, bundle);
  expected(args.join(' ') === 'assent serve', `The image runs ${args.join(' ')}`);
  mkdirSync(data, { recursive: true });
  const { module } = await runnerImport(join(ROOT, 'conformance/image/started.ts'), {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
  });
  await module.checkStarted({ entry, data, uid, gid, scratch, say });
  const inImage = (path) => join(bundle, 'rootfs', path);
  await checkTopology([inImage('usr/local/bin/node'), inImage('node_modules/assent/packages/cli/bin/assent.cjs')]);
  say('  serves as deploy/compose has it');
  await checkProcessor(scratch);
};

const missing = missingTools();
if (missing !== undefined) {
  say(missing);
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'assent-image-check-'));
let code = 1;
try {
  await check(scratch);
  say('The image is in order.');
  code = 0;
} catch (error) {
  say(`✗ ${error instanceof CommandFailed ? `${error.message}\n${error.output}` : error.stack}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(code);
