import { foldUsername, SECRET_ATTRIBUTES } from '@assent/engine';
import { MAX_SEARCH_VALUE_LENGTH } from '@assent/engine/host';

/** The values that a user can be found by: those of all attributes, but for secret and for long ones. */
export const searchValues = (
  attributes: Readonly<Record<string, readonly string[]>>,
): readonly { readonly name: string; readonly folded: string }[] =>
  Object.entries(attributes).flatMap(([name, values]) =>
    SECRET_ATTRIBUTES.has(name)
      ? []
      : [...new Set(values.filter((value) => value.length <= MAX_SEARCH_VALUE_LENGTH).map(foldUsername))].map(
          (folded) => ({ name, folded }),
        ),
  );
