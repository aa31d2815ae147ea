import { apiReports } from './api-report.mjs';
import { architecturePage } from './architecture.mjs';
import { decisionsPage } from './decisions.mjs';
import { referencePages } from './reference.mjs';

/** Folders in which every file is generated. */
export const GENERATED_FOLDERS = ['docs/api', 'docs/reference'];

/** Every file that `npm run docs` writes, by its path from the root. */
export const generatedFiles = () =>
  new Map([
    ...[...referencePages()].map(([path, text]) => [`docs/reference/${path}`, text]),
    ['docs/adr/README.md', decisionsPage()],
    ['docs/architecture.md', architecturePage()],
    ...apiReports(),
  ]);
