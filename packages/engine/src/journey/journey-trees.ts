import type { PublishedTree, RealmSettings } from '../model/configuration.ts';
import { JourneyError } from '../model/errors.ts';
import type { InnerVersions, JourneyDependencies, JourneyReference } from '../step/journey-requests.ts';
import { type CompiledTree, compileTree, type InnerTrees } from '../tree/compiled-tree.ts';
import { isStartable, mayRun } from '../tree/startable-trees.ts';
import { InnerTreesOfJourney } from './inner-trees-of-journey.ts';

type Dependencies = Pick<JourneyDependencies, 'configuration' | 'catalogue' | 'bindings' | 'placeholderValue'>;

/** The trees that journeys walk through. Each published version is compiled once, and nobody changes it afterwards. */
export class JourneyTrees {
  readonly #dependencies: Dependencies;
  readonly #compiled = new WeakMap<PublishedTree, CompiledTree>();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** The newest version of a tree that callers may start. Any other one is unknown to them. */
  startable(realm: RealmSettings, name: string): CompiledTree {
    const published = this.#dependencies.configuration.tree(realm.realm, name);
    const refused = (reason: string) => new JourneyError('TREE_NOT_FOUND', { tree: name, reason });
    if (published === undefined) throw refused('There is no such tree.');
    if (!isStartable(realm, published)) throw refused('The tree cannot be started.');
    return this.compile(published);
  }

  /** Whether callers may start a tree, as it is now. */
  isStartable(realm: RealmSettings, name: string): boolean {
    const published = this.#dependencies.configuration.tree(realm.realm, name);
    return published !== undefined && isStartable(realm, published);
  }

  /**
   * The version of its tree that a journey under way keeps to (SEC-41). A journey ends where no caller may run the newest version any more, because the
   * tree was deleted or switched off, or is not among the journeys that the realm lets callers start (ADR 151).
   */
  async running(
    realm: RealmSettings,
    { tree, treeVersion }: Pick<JourneyReference, 'tree' | 'treeVersion'>,
    refusal: (reason: string) => JourneyError,
  ): Promise<CompiledTree> {
    const { configuration } = this.#dependencies;
    const newest = configuration.tree(realm.realm, tree);
    if (!mayRun(realm, newest))
      throw refusal('The tree was deleted or switched off, or callers may not start it any more.');
    const published =
      newest.version === treeVersion ? newest : await configuration.treeVersion(realm.realm, tree, treeVersion);
    if (published === undefined) throw refusal('The version of the tree is gone.');
    return this.compile(published);
  }

  /** The trees inside that of a journey; `met` are the versions that it has gone into already. */
  inside(realm: string, met?: InnerVersions): InnerTrees {
    return new InnerTreesOfJourney(
      this.#dependencies.configuration,
      (published) => this.compile(published),
      realm,
      met,
    );
  }

  compile(published: PublishedTree): CompiledTree {
    let tree = this.#compiled.get(published);
    if (tree === undefined) {
      const { catalogue, bindings, placeholderValue } = this.#dependencies;
      tree = compileTree(published, catalogue, bindings, placeholderValue?.(published.realm));
      this.#compiled.set(published, tree);
    }
    return tree;
  }
}
