import { codeKeyId } from '@assent/factors';
import type { Store } from '@assent/store';
import { systemRandom } from './system-ports.ts';

type Secrets = Store['secrets'];

/** The sealed key of the installation under which recovery codes are kept (SEC-44). */
export const recoveryCodePepper = (store: Pick<Store, 'secrets'>): Promise<Uint8Array> =>
  store.secrets.getOrCreate('recovery-code-pepper', () => systemRandom.bytes(32));

const nameOf = (keyId: string): string => `carried-recovery-code-key ${keyId}`;

/** Keeps the key of another server, whose users are brought with their codes. */
export const keepCarriedCodeKey = async (secrets: Secrets, key: Uint8Array): Promise<void> => {
  await secrets.getOrCreate(nameOf(codeKeyId(key)), () => key);
};

/** Finds such keys, and remembers them: each guess at a code of such a user asks for one. */
export const carriedCodeKeys = (
  secrets: Pick<Secrets, 'get'>,
): ((keyId: string) => Promise<Uint8Array | undefined>) => {
  const known = new Map<string, Uint8Array>();
  return async (keyId) => {
    const key = known.get(keyId) ?? (await secrets.get(nameOf(keyId)));
    if (key !== undefined) known.set(keyId, key);
    return key;
  };
};
