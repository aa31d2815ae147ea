import { styleText } from 'node:util';
import type { FirstScreen } from '@assent/server';

export interface FirstScreenOptions {
  readonly version: string;
  readonly readyInMillis: number;
  readonly hasColour: boolean;
  /** How the binary is called where this server runs. */
  readonly binary: string;
}

const LABEL_WIDTH = 13;
const ADDRESS_WIDTH = 39;

const row = (label: string, text: string, note = ''): string =>
  `  ${label.padEnd(LABEL_WIDTH)}${note === '' ? text : `${text.padEnd(ADDRESS_WIDTH)}  ${note}`}`;

/** The screen that a newcomer reads first (ux.md §6). */
export const firstScreenText = (screen: FirstScreen, options: FirstScreenOptions): string => {
  const mark = options.hasColour ? styleText('green', '✓', { validateStream: false }) : '✓';
  const seconds = (options.readyInMillis / 1000).toFixed(1);
  const { demoUser, adminPassword } = screen;
  const admin = adminPassword === undefined ? '' : `amadmin / ${adminPassword}   (shown once)`;
  const lines = [
    `  ${mark} Assent ${options.version} is ready in ${seconds} s`,
    row('Sign in', screen.login, demoUser && `${demoUser.name} / ${demoUser.password}`),
    ...(screen.phone === undefined ? [] : [row('Phone', screen.phone, 'open this in a second window')]),
    ...(screen.designer === undefined ? [] : [row('Designer', screen.designer, admin)]),
    ...(screen.designer === undefined && admin !== '' ? [row('Admin', admin)] : []),
    ...(screen.account === undefined ? [] : [row('Account', screen.account)]),
    row('Issuer', screen.issuer, screen.demoClient && `client ${screen.demoClient}`),
    ...connectPhone(screen),
    ...tryIt(screen, options.binary),
    row('Data', screen.data),
    ...(screen.off.length === 0 ? [] : [row('Off', screen.off.join(', '))]),
    row('Stop', 'Ctrl+C', `Help: ${options.binary} doctor`),
  ];
  return `${lines.join('\n')}\n`;
};

/** Whoever has a password alone administers nothing, and is to learn that here and not by a refusal. */
const connectPhone = ({ connectPhone: it }: FirstScreen): readonly string[] =>
  it === undefined ? [] : [row('First', `connect a phone to ${it.name}, who needs it to administer:`), row('', it.url)];

/** With the demo user there is something to try: with our phone page in a second window, or with the terminal as the phone. */
const tryIt = ({ phone, demoUser }: FirstScreen, binary: string): readonly string[] => {
  if (demoUser === undefined) return [];
  const terminal = [row('', `  ${binary} phone register '<setup code>'`), row('', `  ${binary} phone watch`)];
  if (phone !== undefined) {
    return [
      row('Try it', '1 open Phone   2 open Sign in   3 choose Register Device   4 on Phone: Add, Paste'),
      row('', 'Or be the phone in a second terminal, in this directory:'),
      ...terminal,
    ];
  }
  return [
    row('Try it', '1 open Sign in, log in   2 choose Register Device   3 Copy setup code'),
    row('', '4 in a second terminal, in this directory, be the phone:'),
    ...terminal,
    row('', '5 answer there what the login page shows'),
  ];
};
