import ts from 'typescript';

/** Whose declarations people read in their editor: those of the entries of the package, and of what they export. */
const READ = [
  'packages/cli/dist/',
  'packages/engine/dist/',
  'packages/nodes/dist/',
  'packages/server/dist/composition/',
  'packages/server/dist/settings/',
];

/**
 * A declaration without its comments where no entry of the package leads a reader to it: the compiler needs it for the types alone. The comments of
 * all were a twentieth of the package.
 */
export const shippedDeclaration = (path, text) => {
  if (!path.endsWith('.d.ts') || READ.some((folder) => path.startsWith(folder))) return text;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  // A directive is a comment that means something.
  if (text.includes('/// <')) return text;
  return ts.createPrinter({ removeComments: true }).printFile(file);
};
