import { foldUsername, type Session } from '@assent/engine';
import { type PlaceholderSource, type PublishedTree, readSettings } from '@assent/engine/host';
import { anonymousUser, isMappedVisitor } from '@assent/nodes';
import type { LiveConfiguration } from '../realms/live-configuration.ts';

/**
 * Which users are shared by visitors: those to whom a journey of the realm maps visitors by Anonymous User Mapping. The configuration is asked as well as
 * the session, because a later journey of the same visitor, such as one with a persistent cookie, makes a session that does not say how it began.
 */
export class SharedUsers {
  readonly #configuration: Pick<LiveConfiguration, 'version' | 'trees'>;
  readonly #placeholderValue: PlaceholderSource;
  readonly #ofTree = new WeakMap<PublishedTree, readonly string[]>();
  /** By realm, the folded names as they are in this version of the configuration. */
  #names: { readonly version: number; readonly ofRealm: Map<string, ReadonlySet<string>> } = {
    version: -1,
    ofRealm: new Map(),
  };

  constructor(configuration: Pick<LiveConfiguration, 'version' | 'trees'>, placeholderValue: PlaceholderSource) {
    this.#configuration = configuration;
    this.#placeholderValue = placeholderValue;
  }

  /** Whether other visitors of the realm have sessions of the same user, so that the session owns no account. */
  isUserOf(session: Pick<Session, 'realm' | 'username' | 'properties'>): boolean {
    return isMappedVisitor(session) || this.#namesIn(session.realm).has(foldUsername(session.username));
  }

  #namesIn(realm: string): ReadonlySet<string> {
    const { version } = this.#configuration;
    if (this.#names.version !== version) this.#names = { version, ofRealm: new Map() };
    const { ofRealm } = this.#names;
    const known = ofRealm.get(realm);
    if (known !== undefined) return known;
    const names = new Set(this.#configuration.trees(realm).flatMap((tree) => this.#namesInTree(tree)));
    ofRealm.set(realm, names);
    return names;
  }

  #namesInTree(tree: PublishedTree): readonly string[] {
    const known = this.#ofTree.get(tree);
    if (known !== undefined) return known;
    const mapping = Object.values(tree.nodes).filter(({ type }) => type === anonymousUser.type);
    const names = mapping.flatMap(({ config }) => {
      const name = readSettings(anonymousUser, config, this.#placeholderValue(tree.realm)).config?.anonymousUserName;
      return typeof name === 'string' ? [foldUsername(name)] : [];
    });
    this.#ofTree.set(tree, names);
    return names;
  }
}
