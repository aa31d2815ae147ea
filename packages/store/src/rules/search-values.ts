import { foldUsername, SECRET_ATTRIBUTES } from '@assent/engine';
import { searchedValues } from '@assent/engine/host';

type Attributes = Readonly<Record<string, readonly string[]>>;

/** The values that a user can be found by: those of the attributes that are meant, but for secret and for long ones, some of each. */
export const searchValues = (
  attributes: Attributes,
  isMeant: (name: string) => boolean = () => true,
): readonly { readonly name: string; readonly folded: string }[] =>
  Object.entries(attributes).flatMap(([name, values]) =>
    SECRET_ATTRIBUTES.has(name) || !isMeant(name)
      ? []
      : [...new Set(searchedValues(values).map(foldUsername))].map((folded) => ({ name, folded })),
  );

/** How many rows an index of all attributes may have of a user, told without folding any value. */
export const searchValueCount = (attributes: Attributes): number =>
  Object.values(attributes).reduce((sum, values) => sum + searchedValues(values).length, 0);
