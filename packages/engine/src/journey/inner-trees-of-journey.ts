import type { Configuration, PublishedTree } from '../model/configuration.ts';
import type { InnerVersions } from '../step/journey-requests.ts';
import type { CompiledTree, InnerTrees } from '../tree/compiled-tree.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** Trees inside a journey's own: a version once met is kept to, the newest is met otherwise. */
export class InnerTreesOfJourney implements InnerTrees {
  readonly #configuration: Pick<Configuration, 'tree' | 'treeVersion'>;
  readonly #compile: (published: PublishedTree) => CompiledTree;
  readonly #realm: string;
  #versions: Map<string, number> | undefined;

  constructor(
    configuration: Pick<Configuration, 'tree' | 'treeVersion'>,
    compile: (published: PublishedTree) => CompiledTree,
    realm: string,
    met?: InnerVersions,
  ) {
    this.#configuration = configuration;
    this.#compile = compile;
    this.#realm = realm;
    this.#versions = met && new Map(Object.entries(met));
  }

  get versions(): ReadonlyMap<string, number> {
    return this.#versions ?? NONE;
  }

  async open(name: string): Promise<CompiledTree | undefined> {
    const published = await this.#find(name);
    if (published === undefined) return undefined;
    this.#versions ??= new Map();
    this.#versions.set(name, published.version);
    return this.#compile(published);
  }

  async peek(name: string): Promise<CompiledTree | undefined> {
    const published = await this.#find(name);
    return published && this.#compile(published);
  }

  async #find(name: string): Promise<PublishedTree | undefined> {
    const version = this.#versions?.get(name);
    if (version !== undefined) return this.#configuration.treeVersion(this.#realm, name, version);
    const published = this.#configuration.tree(this.#realm, name);
    return published?.tree.enabled === true && !published.tree.transactionalOnly ? published : undefined;
  }
}
