import {
  FIRST_VERSION,
  isNodeVersion,
  type NodeDocument,
  SCRIPT_LANGUAGE,
  scriptCaveat,
  scriptObstacle,
  settingsOfVersion,
  type TreeDocument,
  treeDocument,
} from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';
import { textOfBase64 } from './script.ts';
import { givenTree } from './tree.ts';

/** A journey of an export file, with what it brings along. */
export interface ExportedTree {
  readonly name: string;
  readonly tree: TreeDocument;
  /** By id, those inside pages included. */
  readonly nodes: Readonly<Record<string, NodeDocument>>;
  readonly scripts: readonly {
    readonly id: string;
    /** Why this server cannot run it, in words that end a sentence. */
    readonly obstacle: string | undefined;
    /** What it gets otherwise than in AM, in words that end a sentence. */
    readonly caveat: string | undefined;
  }[];
}

/** Why a file is no export; the message names the member that is wrong. */
export interface ExportRefusal {
  readonly reason: string;
}

/**
 * Reads a file as frodo and AM write it: one tree, or several under `trees` (spec: journeys-rest §6.9). What belongs to AM
 * alone is passed over, as an import does; members that are null count as absent (node-census §2).
 */
export const parseTreeExport = (file: unknown): readonly ExportedTree[] | ExportRefusal => {
  if (!isJsonObject(file)) return { reason: 'It has to hold one JSON object.' };
  if (file.trees === undefined) {
    if (file.tree === undefined) return { reason: 'It has neither "tree" nor "trees", as an export has.' };
    const one = exportedTree(file, undefined);
    return 'reason' in one ? one : [one];
  }
  if (!isJsonObject(file.trees)) return { reason: 'trees has to be an object of journeys by name.' };
  const trees: ExportedTree[] = [];
  for (const [name, value] of Object.entries(file.trees)) {
    const one = isJsonObject(value) ? exportedTree(value, name) : { reason: 'it has to be an object.' };
    if ('reason' in one) return { reason: `trees.${name}: ${one.reason}` };
    trees.push(one);
  }
  return trees;
};

const exportedTree = (file: JsonObject, key: string | undefined): ExportedTree | ExportRefusal => {
  if (!isJsonObject(file.tree)) return { reason: 'tree has to be an object.' };
  const name = typeof file.tree._id === 'string' ? file.tree._id : key;
  if (name === undefined || name === '') return { reason: 'tree._id has to be the name of the journey.' };
  const tree = treeDocument.safeParse(givenTree(file.tree));
  if (!tree.success) {
    const [issue] = tree.error.issues;
    return { reason: `tree.${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}` };
  }
  const nodes = new Map<string, NodeDocument>();
  for (const member of ['nodes', 'innerNodes', 'innernodes']) {
    const given = file[member] ?? {};
    if (!isJsonObject(given)) return { reason: `${member} has to be an object of nodes by id.` };
    for (const [id, node] of Object.entries(given)) {
      const document = nodeDocument(id, node);
      if ('reason' in document) return { reason: `${member}.${id}: ${document.reason}` };
      nodes.set(id, document);
    }
  }
  const scripts = Object.entries(isJsonObject(file.scripts) ? file.scripts : {}).map(([id, script]) => {
    const { language = SCRIPT_LANGUAGE, script: text } = isJsonObject(script) ? script : {};
    const read = { language: typeof language === 'string' ? language : SCRIPT_LANGUAGE, source: exportedText(text) };
    return { id, obstacle: scriptObstacle(read), caveat: scriptCaveat(read) };
  });
  return { name, tree: tree.data, nodes: Object.fromEntries(nodes), scripts };
};

/** The text of a script: AM has it in base64, frodo in clear as JSON or as a list of lines. */
const exportedText = (given: unknown): string => {
  if (Array.isArray(given)) return given.join('\n');
  if (typeof given !== 'string') return '';
  return textOfBase64(given) ?? given;
};

/** The version that a document names in its `_type`, as far as it is one; undefined where it names none. */
export const givenVersion = ({ _type: kind }: JsonObject): string | undefined | ExportRefusal => {
  const version = isJsonObject(kind) ? (kind.version ?? undefined) : undefined;
  if (version === undefined || isNodeVersion(version)) return version;
  return { reason: '_type.version has to be a version, such as 2.0.' };
};

const nodeDocument = (id: string, node: unknown): NodeDocument | ExportRefusal => {
  if (!isJsonObject(node)) return { reason: 'it has to be an object.' };
  const type = isJsonObject(node._type) ? node._type._id : undefined;
  const version = givenVersion(node);
  if (typeof version === 'object') return version;
  if (typeof type !== 'string') return { reason: '_type._id has to name the type of the node.' };
  return {
    id,
    type,
    config: settingsOfVersion(
      { type, version: version ?? FIRST_VERSION },
      withoutNull(Object.fromEntries(Object.entries(node).filter(([it]) => !it.startsWith('_')))),
    ),
  };
};

const withoutNull = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
