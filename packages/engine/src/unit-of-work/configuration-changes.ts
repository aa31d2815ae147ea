import type {
  ClientDocument,
  PublishedTree,
  RealmSettings,
  ScriptDocument,
  ServiceDocument,
  StoredNode,
} from '../model/configuration.ts';

/**
 * What changes together of the configuration. It fails unless the configuration is still at `seenVersion`, from which all of it
 * was decided, and moves the configuration on: of writers who saw the same, one wins (SEC-72). A commit that has one has a row of the
 * audit trail that tells of it, or is no commit (SEC-80, F23).
 */
export type ConfigurationChange = {
  readonly type: 'configuration.change';
  readonly seenVersion: number;
  /** It fails where there is one of the path, or where an earlier one is still being deleted. */
  readonly createRealm?: RealmSettings;
  readonly putRealm?: RealmSettings;
  /**
   * Nothing of the realm, and of what belongs to it, is found any more. Of a large one the rows are taken away by the sweep, and until then
   * there is no other realm of its path (OPS-24). It fails where there is none.
   */
  readonly deleteRealm?: string;
  readonly putServices?: readonly ServiceDocument[];
  readonly deleteServices?: readonly Pick<ServiceDocument, 'realm' | 'type'>[];
  /** It fails where another script of the realm has the name of one. */
  readonly putScripts?: readonly ScriptDocument[];
  readonly deleteScripts?: readonly Pick<ScriptDocument, 'realm' | 'id'>[];
  readonly putNodes?: readonly StoredNode[];
  readonly deleteNodes?: readonly Pick<StoredNode, 'realm' | 'id'>[];
  /** Each gets the next version of its name, one that no deleted tree has had. */
  readonly publishTrees?: readonly Omit<PublishedTree, 'version'>[];
  /** Journeys under way still find their version. */
  readonly deleteTrees?: readonly Pick<PublishedTree, 'realm' | 'name'>[];
  readonly putClients?: readonly ClientDocument[];
  readonly deleteClients?: readonly Pick<ClientDocument, 'realm' | 'id'>[];
};
