import { join } from 'node:path';
import { optionsOf, say } from '../options.mjs';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT } from '../workspace.mjs';

const USAGE = `npm run image [-- --cpu x64|arm64] [--to FOLDER]
  Lays out what the image is built of, in dist/image where nothing else is said, for x64 where nothing else is said. Then, with a base of yours:
  docker build --build-arg BASE=IMAGE@sha256:DIGEST --tag assent:VERSION dist/image`;

const { given, refuse } = optionsOf(USAGE, {
  cpu: { type: 'string', default: 'x64' },
  to: { type: 'string', default: join(ROOT, 'dist/image') },
});
const { cpu, to } = given;
const { layOutImage, PROCESSORS } = await import('../image/context.mjs');
if (!PROCESSORS.includes(cpu)) refuse(`--cpu cannot be "${cpu}": give ${PROCESSORS.join(' or ')}.`);
try {
  await ensureReady({ say });
  await ensureDeclarations({ say });
  const { version } = await layOutImage(to, cpu);
  console.log(`${to}, Assent ${version} for Linux on ${cpu}. Now, with a base that you name by its digest:
  docker build --build-arg BASE=IMAGE@sha256:DIGEST --tag assent:${version} ${to}`);
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Nothing was laid out: ${error.message}.\n${error.output}`);
  process.exitCode = 1;
}
