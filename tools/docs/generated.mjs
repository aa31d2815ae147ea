import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../workspace.mjs';
import { apiReports } from './api-report.mjs';
import { architecturePage } from './architecture.mjs';
import { commonPasswordsModule } from './common-passwords.mjs';
import { dashboard } from './dashboard.mjs';
import { decisionsPage } from './decisions.mjs';
import { FATIGUE_PAGE, fatiguePage } from './fatigue.mjs';
import { referencePages } from './reference.mjs';
import { securityPage } from './security-page.mjs';

/** Folders in which every file is generated. */
export const GENERATED_FOLDERS = ['docs/api', 'docs/reference'];

/** Every file that `npm run docs` writes, by its path from the root. */
export const generatedFiles = () =>
  new Map([
    ...[...referencePages()].map(([path, text]) => [`docs/reference/${path}`, text]),
    ['docs/adr/README.md', decisionsPage()],
    ['docs/architecture.md', architecturePage()],
    ['docs/security.md', securityPage()],
    [FATIGUE_PAGE, fatiguePage()],
    ['deploy/prometheus/dashboard.json', dashboard()],
    ['packages/store/src/passwords/common-passwords.ts', commonPasswordsModule()],
    ...apiReports(),
  ]);

/** Writes them all, from what is built by now, and resolves with how many there are. */
export const writeGenerated = async () => {
  const files = generatedFiles();
  for (const folder of GENERATED_FOLDERS) await rm(join(ROOT, folder), { recursive: true, force: true });
  for (const [path, text] of files) {
    const file = join(ROOT, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return files.size;
};
