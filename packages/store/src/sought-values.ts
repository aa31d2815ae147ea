import { foldUsername, LONGEST_SOUGHT_VALUE, SECRET_ATTRIBUTES } from '@assent/engine';

/** The values that a user can be found by: those of all attributes, but for secret and for long ones. */
export const soughtValues = (
  attributes: Readonly<Record<string, readonly string[]>>,
): readonly { readonly name: string; readonly folded: string }[] =>
  Object.entries(attributes).flatMap(([name, values]) =>
    SECRET_ATTRIBUTES.has(name)
      ? []
      : [...new Set(values.filter((value) => value.length <= LONGEST_SOUGHT_VALUE).map(foldUsername))].map(
          (folded) => ({ name, folded }),
        ),
  );
