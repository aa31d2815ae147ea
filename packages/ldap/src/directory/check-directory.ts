import { readLdapService } from '../settings/ldap-service.ts';
import { Directory, type DirectoryPorts } from './directory.ts';

/** Nobody is called that; a look-up that finds nobody has come all the way. */
const NOBODY = 'assent-doctor-asks-for-nobody';

/**
 * Whether the directory of a service can be asked: connects, binds as the service, and looks for somebody below its base (OPS-51).
 * Undefined where it can; else what stands in the way, without a password.
 */
export const checkDirectory = async (
  config: Readonly<Record<string, unknown>>,
  ports: DirectoryPorts,
): Promise<string | undefined> => {
  const read = readLdapService(config);
  if ('problem' in read) return read.problem;
  const directory = new Directory(read.service, ports);
  try {
    await directory.findByName(NOBODY);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'It cannot be asked.';
  } finally {
    directory.close();
  }
};
