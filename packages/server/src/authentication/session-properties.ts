import { type Configuration, isSystemSessionProperty } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { PERSISTENT_COOKIE_PROPERTY } from '@assent/nodes';
import { z } from 'zod';

export const SESSION_PROPERTIES_SERVICE = 'amSessionPropertyWhitelist';

const names = z.array(z.string().min(1).max(128)).max(100).default([]);

/** AM's service of that name: which properties of a session its user may change. */
export const sessionPropertiesService = z.object({
  sessionPropertyWhitelist: names.meta({ title: 'Allowlisted Session Property Names' }),
  // Kept and returned: a list of sessions tells no properties here.
  whitelistedQueryProperties: names.meta({ title: 'Session Properties to return for session queries' }),
});

/** The server's own, by which it knows who signed in and which cookies go with a session: a list changes nothing about them. */
export const isProtectedProperty = (name: string): boolean =>
  isSystemSessionProperty(name) ||
  name.toLowerCase().startsWith(PERSISTENT_COOKIE_PROPERTY.toLowerCase()) ||
  name.startsWith('am.protected.') ||
  name === '__proto__';

/** The properties that users of a realm may change in their own sessions; none where the realm lists none. */
export const changeableProperties = (
  configuration: Pick<Configuration, 'service'>,
  realm: string,
): ReadonlySet<string> => {
  const service: ServiceDocument | undefined = configuration.service(realm, SESSION_PROPERTIES_SERVICE);
  const { sessionPropertyWhitelist } = sessionPropertiesService.parse(service?.config ?? {});
  return new Set(sessionPropertyWhitelist.filter((name) => !isProtectedProperty(name)));
};
