import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What bundles of others have in them, without being a package here. */
const INSIDE = {
  'zxing-wasm': [
    'zxing-cpp, Copyright ZXing authors, Nu-book Inc. and others, Apache-2.0 (http://www.apache.org/licenses/LICENSE-2.0)',
  ],
};

const licenceOf = (directory) => {
  const name = readdirSync(directory).find((it) => /^licen[cs]e(\.\w+)?$/i.test(it));
  if (name === undefined)
    throw new Error(`${directory} has no text of its licence, which has to be shipped with what it is built into.`);
  return readFileSync(join(directory, name), 'utf8').trim();
};

/** The licences of the packages that are built into the pages and the program; all others are installed with their own. */
export const notices = (root, names) => {
  const sections = [...names].sort().map((name) => {
    const directory = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const inside = (INSIDE[name] ?? []).map((it) => `With ${it}.\n\n`).join('');
    return `## ${name} ${version} (${license})\n\n${inside}\`\`\`text\n${licenceOf(directory)}\n\`\`\`\n`;
  });
  return `# Licences of what is built into the pages and the program\n\n${sections.join('\n')}`;
};
