import { z } from 'zod';

/** The setting that says what kind of object a node writes. */
export const identityResource = z.string().min(1).default('managed/user').meta({
  title: 'Identity Resource',
  description: 'What kind of object it is: managed/user, or with the name of a realm in front, as managed/alpha_user.',
});

/** Whether a resource is the user table: the only one here, whatever a tenant of a platform calls it. */
export const isUserResource = (resource: string): boolean => /^managed\/(\w+_)?user$/.test(resource);
