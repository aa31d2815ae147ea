import type { Identity } from '@assent/engine';
import { fairQueue, type IdentityDirectory, sourceOf, type Timer } from '@assent/engine/host';
import { LOOK_THROUGH_TURNS } from '../../rules/user-pages.ts';

/** Users as a database reads them, by an index or one after the other. */
export interface UserReader extends Omit<IdentityDirectory, 'findByAttribute'> {
  /** `undefined` where no index has all values of the attribute. */
  findByIndex(realm: string, attribute: string, value: string): Promise<readonly Identity[] | undefined>;
  lookThrough(realm: string, attribute: string, value: string): Promise<readonly Identity[]>;
}

/**
 * Users of a database, which are looked through in turns of their realm and of the addresses in it (SEC-93). Each turn is for one look-up and ends with
 * it. A look-up that is found by an index waits for no turn.
 */
export const lookingThroughInTurns = (
  { findByIndex, lookThrough, ...others }: UserReader,
  timer: Timer,
): IdentityDirectory => {
  const queue = fairQueue({ ...LOOK_THROUGH_TURNS, timer });
  return {
    ...others,
    async findByAttribute(realm, attribute, value, source) {
      const found = await findByIndex(realm, attribute, value);
      if (found !== undefined) return found;
      source?.looksThrough();
      const caller = source === undefined ? '' : sourceOf(source.clientAddress);
      return queue({ realm, caller }, () => lookThrough(realm, attribute, value));
    },
  };
};
