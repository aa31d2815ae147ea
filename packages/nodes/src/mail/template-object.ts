import { hasAddress, type Identity, SECRET_ATTRIBUTES } from '@assent/engine';

/** A user as a template sees one: single values as they are, several as a list, and nothing that is a secret. */
export const templateObjectOf = (identity: Identity): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(identity.attributes)
      .filter(([name, values]) => !SECRET_ATTRIBUTES.has(name) && values.length > 0)
      .map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  ),
  _id: identity.id,
  userName: identity.username,
});

/** Whether the user still has an address that was mailed to. The user name may be the address. */
export const stillHasAddress = (
  { username, attributes }: Pick<Identity, 'username' | 'attributes'>,
  mailed: { readonly attribute: string; readonly address: string },
): boolean => hasAddress({ attributes: { ...attributes, userName: [username] } }, mailed);

/** The address in an object; undefined where it has none. */
export const addressIn = (object: Readonly<Record<string, unknown>>, attribute: string): string | undefined => {
  const value = Object.hasOwn(object, attribute) ? [object[attribute]].flat()[0] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};
