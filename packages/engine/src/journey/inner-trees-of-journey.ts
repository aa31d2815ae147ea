import type { Configuration, PublishedTree } from '../model/configuration.ts';
import type { InnerVersions } from '../step/journey-requests.ts';
import type { CompiledTree, InnerTrees } from '../tree/compiled-tree.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** The trees inside the tree of a journey: it keeps to the version that it has gone into first, while the newest one is switched on (ADR 151). */
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

  async left(name: string): Promise<CompiledTree | undefined> {
    const version = this.#versions?.get(name);
    const published = version === undefined ? undefined : await this.#version(name, version);
    return published && this.#compile(published);
  }

  async #find(name: string): Promise<PublishedTree | undefined> {
    const newest = this.#configuration.tree(this.#realm, name);
    if (newest?.tree.enabled !== true || newest.tree.transactionalOnly) return undefined;
    const version = this.#versions?.get(name);
    return version === undefined ? newest : this.#version(name, version);
  }

  async #version(name: string, version: number): Promise<PublishedTree | undefined> {
    return this.#configuration.treeVersion(this.#realm, name, version);
  }
}
