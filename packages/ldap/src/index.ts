export { DirectoryRefusal, DirectoryTooLarge } from './connection/directory-errors.ts';
export { checkDirectory } from './directory/check-directory.ts';
export { Directories } from './directory/directories.ts';
export { LDAP_SERVICE, ldapService } from './settings/ldap-service.ts';
export { directoryPasswords } from './users/directory-passwords.ts';
export { DirectoryUsers } from './users/directory-users.ts';
export { DirectoryWrites } from './users/directory-writes.ts';
export { SessionRevalidation } from './users/session-revalidation.ts';
export { Sightings } from './users/sightings.ts';
