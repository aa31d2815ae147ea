import { foldUsername, type Identity } from '../model/identities.ts';
import { sameText } from '../model/nonce.ts';
import { hasLeft, type SentCodeMethod, type SentPlace } from '../model/proven-factors.ts';
import type { SentCodeNote } from '../node/journey-context.ts';
import type { ExecutionContext } from './execution-context.ts';

type Recipient = Pick<Identity, 'id' | 'attributes'>;

/** For whom the newest codes of a journey were sent, and to which addresses of theirs; only digests are kept. */
export class NewestCodes {
  readonly #context: ExecutionContext;

  constructor(context: ExecutionContext) {
    this.#context = context;
  }

  note(recipient: Recipient | undefined, sent: SentCodeNote): void {
    const { progress } = this.#context;
    const { method, code, to } = sent;
    const user = recipient?.id;
    const before = Object.values(progress.newestCodes).find((it) => this.#isDigestOf(it.code, code));
    const addresses = recipient === undefined ? [] : this.#addressesOf(recipient, sent);
    const isOwn = user !== undefined && addresses.length > 0;
    const last = progress.newestCodes[method];
    const others = last !== undefined && this.#isDigestOf(last.code, code) ? (last.places ?? []) : [];
    const added = addresses.filter(({ attribute, folded }) => !this.#isAmong(others, attribute, folded));
    const places = [...others, ...added.map((it) => this.#placeAt(it))];
    const ownPlace = isOwn
      ? { user, to: progress.digestOf(to), places: addresses.map((it) => this.#placeAt(it)) }
      : last?.ownPlace;
    const forWhom = before === undefined || before.user === user ? user : null;
    const newest = {
      code: progress.digestOf(code),
      ...(forWhom !== undefined && { user: forWhom }),
      ...(isOwn && { isOwn }),
      ...(places.length > 0 && { places }),
      ...(ownPlace && { ownPlace }),
    };
    progress.keep('newestCodes', { ...progress.newestCodes, [method]: newest }, newest);
  }

  /** The addresses of its user that the code went to. */
  placesOf(code: string): readonly SentPlace[] {
    return this.#ofCode(code).flatMap(({ places = [] }) => places);
  }

  isToFormerAddress(user: Recipient, code: string): boolean {
    return this.#ofCode(code).some((it) => this.#hasLeft(user, it.places));
  }

  isToOwnAddress({ id }: Pick<Identity, 'id'>, code: string): boolean {
    return this.#ofCode(code).some((it) => it.isOwn === true && it.user === id);
  }

  isOfOther(user: Pick<Identity, 'id'> | undefined, code: string): boolean {
    return this.#ofCode(code).some((it) => it.user !== undefined && it.user !== user?.id);
  }

  isAddressOfOther(user: Recipient | undefined, method: SentCodeMethod, address: string): boolean {
    const place = this.#context.progress.newestCodes[method]?.ownPlace;
    if (place === undefined || !this.#isDigestOf(place.to, address)) return false;
    return user === undefined || place.user !== user.id || this.#hasLeft(user, place.places);
  }

  #ofCode(code: string) {
    return Object.values(this.#context.progress.newestCodes).filter((it) => this.#isDigestOf(it.code, code));
  }

  /** The addresses of the user that a code goes to: the value of the first attribute is known, and a carrier is the one that is used. */
  #addressesOf(
    { attributes }: Recipient,
    { addressIn, value }: SentCodeNote,
  ): readonly { readonly attribute: string; readonly folded: string }[] {
    return addressIn.flatMap((attribute, at) => {
      const address = at === 0 ? value : attributes[attribute]?.[0];
      return address === undefined ? [] : [{ attribute, folded: foldUsername(address) }];
    });
  }

  #placeAt({ attribute, folded }: { readonly attribute: string; readonly folded: string }): SentPlace {
    return { attribute, address: this.#context.progress.digestOf(folded) };
  }

  #isAmong(places: readonly SentPlace[], attribute: string, folded: string): boolean {
    return places.some((it) => it.attribute === attribute && this.#isDigestOf(it.address, folded));
  }

  #hasLeft(user: Pick<Identity, 'attributes'>, places: readonly SentPlace[] = []): boolean {
    return hasLeft(user, places, (digest, text) => this.#isDigestOf(digest, text));
  }

  #isDigestOf(digest: string, text: string): boolean {
    return sameText(digest, this.#context.progress.digestOf(text, digest));
  }
}
