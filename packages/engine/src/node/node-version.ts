import type { NodeDocument } from '../model/configuration.ts';

/** The version that every type begins with, and that of a node which says none (spec: nodes-mfa §1). */
export const FIRST_VERSION = '1.0';

/** The member of a setting's meta that says which version has brought it. */
export const SINCE = 'since';

const VERSION = /^\d{1,4}\.\d{1,4}$/;

export const isNodeVersion = (value: unknown): value is string => typeof value === 'string' && VERSION.test(value);

/** Whether a version is that one or a later one. */
export const isVersionFrom = (version: string, from: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [fromMajor = 0, fromMinor = 0] = from.split('.').map(Number);
  return major > fromMajor || (major === fromMajor && minor >= fromMinor);
};

/** Which version of its type a node is of: it stands where exports have it, in `_type`, beside the settings (docs/adr/0124). */
export const versionOfNode = ({ config }: Pick<NodeDocument, 'config'>): string => {
  const kind = config._type;
  const version = typeof kind === 'object' && kind !== null && 'version' in kind ? kind.version : undefined;
  return isNodeVersion(version) ? version : FIRST_VERSION;
};

/** The settings of a node of that version; the first one need not be said. */
export const settingsOfVersion = (
  { type, version }: { readonly type: string; readonly version: string },
  { _type, ...settings }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  version === FIRST_VERSION ? settings : { ...settings, _type: { _id: type, version } };
