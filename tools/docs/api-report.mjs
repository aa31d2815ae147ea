import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../workspace.mjs';
import { NOTE } from './markdown.mjs';

/** Packages that others write code against. */
const PUBLISHED = ['engine', 'wire', 'push', 'factors'];

/** The ways into a package that its `exports` name, as they are imported, with the declarations of each; what only tests import is not built. */
const entriesOf = (name) => {
  const directory = join(ROOT, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, { types }]) =>
    types === undefined ? [] : [{ specifier: `@assent/${name}${path.slice(1)}`, declarations: join(directory, types) }],
  );
};

const printer = ts.createPrinter({ removeComments: true });

/** `export const x: T;` is declared in a list, which has the keyword. */
const statementOf = (node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node);

/** A union of texts: the compiler lists its members in the order in which it met them, which differs from build to build. */
const UNION_OF_TEXTS = /"[^"\n]*"(?: \| "[^"\n]*")+/g;

const inOneOrder = (text) =>
  text.replace(UNION_OF_TEXTS, (union) => (union.match(/"[^"]*"/g) ?? []).sort().join(' | '));

/** What a reader of the module sees of one name, without comments. */
const declarationsOf = (symbol, checker) => {
  const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (declared.declarations ?? [])
    .map((node) => printer.printNode(ts.EmitHint.Unspecified, statementOf(node), node.getSourceFile()))
    .map((text) => inOneOrder(text.replace(/^export (declare )?/, '')));
};

const reportOf = (program, { specifier, declarations }) => {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
  const names = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, texts: declarationsOf(symbol, checker) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${NOTE}# API of \`${specifier}\`\n\n${names.length} names. A change here is a change for those who write code against it.\n\n\`\`\`ts\n${names
    .map(({ texts }) => texts.join('\n'))
    .join('\n\n')}\n\`\`\`\n`;
};

/** A report for each way into a published package, by its path; it reads what the last build declared. */
export const apiReports = () => {
  const entries = PUBLISHED.flatMap(entriesOf);
  const missing = entries.filter(({ declarations }) => !existsSync(declarations));
  if (missing.length > 0) throw new Error(`Nothing was built for ${missing[0].specifier}: npm run build`);
  const program = ts.createProgram(
    entries.map(({ declarations }) => declarations),
    { module: ts.ModuleKind.NodeNext, noLib: true, types: [] },
  );
  return new Map(
    entries.map((entry) => [
      `docs/api/${entry.specifier.slice(8).replaceAll('/', '-')}.api.md`,
      reportOf(program, entry),
    ]),
  );
};
