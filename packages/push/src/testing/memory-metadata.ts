import type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  AuthenticatorMetadataRow,
} from '../model/authenticator-metadata.ts';

/** Metadata of authenticators as a store keeps it, for several who share it. */
export const memoryMetadata = () => {
  const kept = new Map<string, AuthenticatorMetadataRow>();
  const nameOf = (realm: string, place: number) => `${realm} ${place}`;
  const rows: AuthenticatorMetadataReader = {
    get: async (realm, place) => kept.get(nameOf(realm, place)),
    ofRealm: async (realm) => [...kept.values()].filter((row) => row.realm === realm),
  };
  const committer = {
    async commit(changes: readonly AuthenticatorMetadataChange[]) {
      const isRefused = changes.some(({ row }) => {
        const before = kept.get(nameOf(row.realm, row.place));
        return before?.source === row.source && before.no > row.no;
      });
      if (!isRefused) for (const { row } of changes) kept.set(nameOf(row.realm, row.place), row);
      return { committed: !isRefused };
    },
  };
  return { rows, committer };
};
