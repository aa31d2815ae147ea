import type { BoundDevice, Passkey } from '@assent/factors';
import type { Stored } from '../../command/stored.ts';
import { freeUuid } from './newcomer.ts';
import type { Notice } from './notice.ts';

/** Who is to have them: without an id, somebody who is not here yet. */
interface FutureOwner {
  readonly realm: string;
  readonly username: string;
  readonly id: string | undefined;
}

/** Passkeys and bound devices of somebody, in whatever form a file has them. */
interface GivenKeys<P, B> {
  readonly passkeys: readonly P[];
  readonly boundDevices: readonly B[];
}

interface FreeKeys<P, B> extends GivenKeys<P & Pick<Passkey, 'uuid'>, B> {
  readonly notices: readonly Notice[];
}

/** Those that nobody else in the realm has (WA-08, WA-44), and what is told of the others. A passkey is found by its credential, so that its id can be another. */
export const freeKeys = async <
  P extends Pick<Passkey, 'credentialId'> & { readonly uuid: string | undefined },
  B extends Pick<BoundDevice, 'uuid'>,
>(
  { io, store }: Pick<Stored<unknown>, 'io' | 'store'>,
  { realm, username, id }: FutureOwner,
  given: GivenKeys<P, B>,
): Promise<FreeKeys<P, B>> => {
  const isFree = (row: { readonly userId: string } | undefined): boolean => row === undefined || row.userId === id;
  const [ofCredentials, ofKids] = await Promise.all([
    Promise.all(given.passkeys.map((it) => store.passkeys.byCredentialId(realm, it.credentialId))),
    Promise.all(given.boundDevices.map((it) => store.boundDevices.get(realm, it.uuid))),
  ]);
  const passkeys = given.passkeys.filter((_, at) => isFree(ofCredentials[at]));
  const boundDevices = given.boundDevices.filter((_, at) => isFree(ofKids[at]));
  const taken = (detail: string, count: number): readonly Notice[] =>
    Array.from({ length: count }, () => ({ user: username, reason: 'DEVICE_TAKEN', detail }));
  return {
    passkeys: await Promise.all(
      passkeys.map(async (it) => ({ ...it, uuid: (await freeUuid(store.passkeys, it.uuid, id)) ?? io.randomUuid() })),
    ),
    boundDevices,
    notices: [
      ...taken('webauthn', given.passkeys.length - passkeys.length),
      ...taken('binding', given.boundDevices.length - boundDevices.length),
    ],
  };
};
