import { type Examined, type Finding, ok, problem, warning } from './check.ts';

/** Long enough for somebody to read it, and to write another. */
const SOON_MILLIS = 30 * 86_400_000;

/** Whether what tells of whom to tell a weakness can be served, and for how long (RFC 9116). */
export const checkSecurityTxt = ({ io, server, settings }: Examined): readonly Finding[] => {
  const name = 'security.txt';
  if (settings.securityTxt === undefined) return [];
  try {
    const { expiresAt } = server.readSecurityTxt(settings.securityTxt);
    const left = expiresAt - io.now();
    const until = new Date(expiresAt).toISOString();
    if (left > SOON_MILLIS) return [ok(name, `It holds until ${until}.`)];
    return [
      warning(
        name,
        left > 0
          ? `It expires at ${until}, and is not served from then on.`
          : `It has expired at ${until}, and is not served.`,
        'see whether the contact is still right, set another Expires, and send the server SIGHUP',
      ),
    ];
  } catch (error) {
    if (!(error instanceof server.SettingsRefused)) throw error;
    return error.problems.map((message) => problem(name, message));
  }
};
