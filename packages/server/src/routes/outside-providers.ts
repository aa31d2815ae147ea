import { formatQueryResult } from '@assent/wire';
import { ok, type Routes } from '../http/call.ts';
import { administered, type CallerPorts } from './administration.ts';
import { unsupported } from './journey-configuration.ts';

/**
 * Social and federated identity providers, which an export looks up when a node of a journey may name one. This server has
 * none and says so: a realm that keeps such a node could not be exported otherwise (design.md §3.3 "node types we lack").
 */
export const outsideProvidersRoutes = (ports: CallerPorts): Routes => {
  const asAdministrator = administered(ports, 'journeys');
  const none = asAdministrator(async () => ok(formatQueryResult([])));
  return {
    'POST realm-config/services/SocialIdentityProviders': asAdministrator(async ({ query }) =>
      query._action === 'nextdescendents' ? ok({ result: [] }) : unsupported(['nextdescendents']),
    ),
    'GET realm-config/saml2': none,
    'GET realm-config/federation/circlesoftrust': none,
  };
};
