import type { Settings } from '@assent/server';
import type { Server } from '../stored.ts';
import { type Finding, ok, warning } from './check.ts';

/** Whether a stolen password of an administrator would be enough. */
export const checkAdministration = (server: Server, settings: Settings): Finding => {
  const name = 'administration';
  if (server.lacksAdminSecondFactor(settings)) {
    return warning(
      name,
      'A password alone administers this server.',
      'connect a phone to each account with a role, then start with --admin-second-factor (ASSENT_ADMIN_SECOND_FACTOR=true)',
    );
  }
  return settings.adminSecondFactor
    ? ok(name, 'Administrators need a second factor.')
    : ok(name, 'A password alone administers this server, which only this machine reaches.');
};
