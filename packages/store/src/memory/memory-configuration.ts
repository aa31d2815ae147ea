import type { ConfigurationStore, PublishedTree, RealmSettings, ScriptDocument, ServiceDocument } from '@assent/engine';

/** `deleteRows` removes what the other tables keep of a realm. */
export const memoryConfiguration = (deleteRows: (realm: string) => void): ConfigurationStore => {
  const realms = new Map<string, RealmSettings>();
  /** Versions of a tree, the first at 0. */
  const trees = new Map<string, PublishedTree[]>();
  const services = new Map<string, ServiceDocument>();
  const scripts = new Map<string, ScriptDocument>();
  let version = 0;
  const key = (realm: string, name: string): string => `${realm}\0${name}`;
  return {
    version: async () => version,
    load: async () => ({
      version,
      realms: [...realms.values()],
      trees: [...trees.values()].flatMap((versions) => versions.slice(-1)),
      services: [...services.values()],
      scripts: [...scripts.values()],
    }),
    loadTree: async (realm, name, wanted) => trees.get(key(realm, name))?.[wanted - 1],
    createRealm: async (settings) => {
      if (realms.has(settings.realm)) return false;
      realms.set(settings.realm, Object.freeze(settings));
      version += 1;
      return true;
    },
    saveRealm: async (settings) => {
      realms.set(settings.realm, Object.freeze(settings));
      version += 1;
    },
    deleteRealm: async (realm) => {
      if (!realms.delete(realm)) return false;
      for (const map of [trees, services, scripts]) {
        for (const it of map.keys()) if (it.startsWith(key(realm, ''))) map.delete(it);
      }
      deleteRows(realm);
      version += 1;
      return true;
    },
    publishTree: async (tree) => {
      const versions = trees.get(key(tree.realm, tree.name)) ?? [];
      const published = Object.freeze({ ...tree, version: versions.length + 1 });
      trees.set(key(tree.realm, tree.name), [...versions, published]);
      version += 1;
      return published;
    },
    saveService: async (service) => {
      services.set(key(service.realm, service.type), Object.freeze(service));
      version += 1;
    },
    saveScript: async (script) => {
      const { realm, id, name } = script;
      if ([...scripts.values()].some((it) => it.realm === realm && it.name === name && it.id !== id)) return false;
      scripts.set(key(realm, id), Object.freeze(script));
      version += 1;
      return true;
    },
    deleteScript: async (realm, id) => {
      if (!scripts.delete(key(realm, id))) return false;
      version += 1;
      return true;
    },
    deleteService: async (realm, type) => {
      if (!services.delete(key(realm, type))) return false;
      version += 1;
      return true;
    },
  };
};
