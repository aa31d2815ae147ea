import { type Identity, passesFilter, type QueryFilter } from '@assent/engine';
import { valuesOf } from './user-attributes.ts';

/** Whether a user passes a filter, as work that is counted before it is done. */
export const passesFilterOf = async (
  identity: Identity,
  filter: QueryFilter,
  beginWork: (characters: number) => Promise<void>,
): Promise<boolean> => {
  const passes = await passesFilter(filter, {
    read: (field) => valuesOf(identity, field),
    take: async (characters) => {
      await beginWork(characters);
      return true;
    },
  });
  return passes === true;
};
