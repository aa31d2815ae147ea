import { nameCallback, type SentCallback } from '@assent/engine';
import { z } from 'zod';

/** Settings that the nodes which ask for a user name share. */
export const prepopulate = z.boolean().default(false).meta({
  title: 'Prepopulate Username',
  description: 'Show the name that the journey knows already, to be kept or changed.',
  since: '2.0',
});
export const autocompleteValues = z
  .array(
    z
      .string()
      .max(64)
      .regex(/^[a-z0-9-]+$/, 'Must be a word of the HTML standard, such as username or webauthn.'),
  )
  .max(8)
  .default([])
  .meta({
    title: 'Autocomplete Values',
    description: 'What browsers may fill in, in the words of the HTML standard: username, and webauthn for passkeys.',
  });

/** Asks for the name; `known` is the one that the journey has. */
export const askForName = (
  config: { readonly autocompleteValues: readonly string[]; readonly prepopulate?: boolean },
  prompt: string,
  known: string | undefined,
): SentCallback => {
  const callback = nameCallback({
    prompt,
    ...(config.autocompleteValues.length > 0 && { autocompleteValues: config.autocompleteValues }),
  });
  return config.prepopulate && known !== undefined ? { ...callback, input: { '': known } } : callback;
};
