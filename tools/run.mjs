import { COMMANDS, listed } from './commands.mjs';
import { unknownName } from './unknown-name.mjs';

// The entry point of all tools: `node tools/run.mjs NAME [OPTIONS]`. `npm start` comes through here before packages are installed, and with any
// version of Node, so this file imports no package.

const [name, ...options] = process.argv.slice(2);

if (name === undefined || name === '--help') {
  console.log(listed());
} else if (!Object.keys(COMMANDS).includes(name)) {
  console.error(`${unknownName('tool', name, Object.keys(COMMANDS))} \`npm run tools\` lists all tools.`);
  process.exitCode = 2;
} else {
  const file = new URL(`./commands/${name}.mjs`, import.meta.url);
  // The command runs in this process, so that signals reach it, and finds its options where Node puts them.
  const { fileURLToPath } = await import('node:url');
  process.argv.splice(1, process.argv.length, fileURLToPath(file), ...options);
  await import(file.href);
}
