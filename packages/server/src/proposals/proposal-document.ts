import { createHash } from 'node:crypto';
import type { ScriptDocument } from '@assent/engine';
import type { AuditEvent, ConfigurationChange, Proposal, PublishedTree } from '@assent/engine/host';
import { sorted } from '../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { runScripts, type ScriptReading } from './run-scripts.ts';

export type ProposedChange = Omit<ConfigurationChange, 'type' | 'seenVersion'>;

/** What is kept of a proposal, beside who has made it and when. It is sealed, so that nobody but a server of ours has written it. */
export interface ProposalDocument {
  readonly change: ProposedChange;
  /** A digest of what the change was made on: it is carried out on nothing else. */
  readonly base: string;
  /** Rows of the trail for the change, without who did it and when. */
  readonly rows: readonly Pick<AuditEvent, 'event' | 'outcome' | 'detail'>[];
  readonly reason?: string;
}

export const documentOf = ({ document }: Pick<Proposal, 'document'>): ProposalDocument =>
  JSON.parse(document) as ProposalDocument;

/** The configuration in force, and what it takes to read its trees. */
export interface ConfigurationUnder extends ScriptReading {
  readonly configuration: Pick<
    LiveConfiguration,
    'realm' | 'storedRealm' | 'tree' | 'trees' | 'node' | 'script' | 'scripts'
  >;
}

/** What a change writes over, as it is now; null where there is nothing. */
export interface Under {
  readonly trees: readonly (Omit<PublishedTree, 'version'> | null)[];
  readonly scripts: readonly (ScriptDocument | null)[];
}

const namesOf = ({ publishTrees = [], deleteTrees = [] }: ProposedChange): readonly string[] =>
  [...publishTrees, ...deleteTrees].map(({ name }) => name);

export const underneath = (
  now: Pick<LiveConfiguration, 'tree' | 'script'>,
  realm: string,
  change: ProposedChange,
): Under => ({
  trees: namesOf(change).map((name) => now.tree(realm, name) ?? null),
  scripts: [...(change.putScripts ?? []), ...(change.deleteScripts ?? [])].map(
    ({ id }) => now.script(realm, id) ?? null,
  ),
});

/** Documents in force are never changed in place, and stay the same object until their content changes. */
const digests = new WeakMap<object, string>();

const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('base64url');

/** The digest of a document, made once for each version of it (SEC-93); null where there is none. */
const digestOf = (document: object | null | undefined, contentOf: () => unknown = () => document): string | null => {
  if (document == null) return null;
  const digest = digests.get(document) ?? hashOf(contentOf());
  digests.set(document, digest);
  return digest;
};

/** With the nodes that trees are made of, and the scripts that they run: both may be changed without a tree. */
export const baseOf = (under: ConfigurationUnder, realm: string, change: ProposedChange): string => {
  const { configuration: now } = under;
  const { publishTrees = [], putNodes = [], deleteNodes = [], putScripts = [] } = change;
  const ids = new Set([
    ...publishTrees.flatMap(({ nodes }) => Object.keys(nodes)),
    ...[...putNodes, ...deleteNodes].map(({ id }) => id),
  ]);
  const { trees, scripts } = underneath(now, realm, change);
  const run = runScripts(under, realm, publishTrees, putScripts);
  const ran = now.scripts(realm).filter((script) => run.runs(script));
  return hashOf({
    ran: Object.fromEntries(ran.map((script) => [script.id, digestOf(script)])),
    trees: trees.map((it) => digestOf(it, () => it && [it.tree, it.nodes])),
    scripts: scripts.map((it) => digestOf(it)),
    nodes: [...ids].sort().map((id) => digestOf(now.node(realm, id))),
    settings: change.putRealm === undefined ? null : digestOf(now.realm(realm)),
  });
};

/**
 * Whether a change lets journeys run otherwise than before, or takes the second administrator away (ADR 118). A script that is new does so where a
 * published tree runs it already: one whose script was deleted before.
 */
export const needsSecondAdministrator = (under: ConfigurationUnder, realm: string, change: ProposedChange): boolean => {
  const { configuration: now } = under;
  const { publishTrees = [], deleteTrees = [], putScripts = [], deleteScripts = [], putRealm } = change;
  if (publishTrees.length + deleteTrees.length + deleteScripts.length > 0) return true;
  // Trees and scripts of a realm that was switched off meanwhile are not seen here.
  if (now.realm(realm) === undefined) return true;
  if (putScripts.some(({ id }) => now.script(realm, id) !== undefined)) return true;
  if (putScripts.length > 0) {
    const run = runScripts(under, realm, now.trees(realm));
    if (putScripts.some((script) => run.runs(script))) return true;
  }
  return putRealm !== undefined && now.storedRealm(realm)?.fourEyes === true && !putRealm.fourEyes;
};
