import Bowser from 'bowser';
import { encodeQR } from 'qr';
import { plainText } from '../../command/plain-text.ts';
import type { PhoneAccount } from '../account/account-store.ts';
import type { PushRequest } from '../messages/push-message.ts';

const WIDTH = 80;

/** "Firefox on Windows", or the words of the header when it names no browser that we know. */
function browserName(userAgent: string): string {
  const { browser, os } = userAgent === '' ? { browser: {}, os: {} } : Bowser.parse(userAgent);
  if (!browser.name) return plainText(userAgent).slice(0, 60) || 'Browser not known';
  return plainText(os.name ? `${browser.name} on ${os.name}` : browser.name);
}

/** `m:ss` that is left by the server's clock, never below zero. */
function timeLeft(request: PushRequest, serverNowMillis: number): string {
  const seconds = Math.max(0, Math.ceil((request.expiresAt - serverNowMillis) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The block that a person reads before deciding (ux.md §6). */
export function requestText(request: PushRequest, serverNowMillis: number): string {
  const { account, message, context } = request;
  const clock = new Date(request.sentAt).toLocaleTimeString('en-GB');
  const left = ` ${timeLeft(request, serverNowMillis)} left`;
  const head = `── ${clock} ── Sign-in request `;
  const lines = [
    `${head}${'─'.repeat(Math.max(3, WIDTH - 2 - head.length - left.length))}${left}`,
    `${label('App')}${plainText(account.issuer).padEnd(22)}${label('Account')}${plainText(account.name)}`,
  ];
  if (message !== '') lines.push(...wrap(plainText(message), label('Message')));
  lines.push(...wrap(originText(context), label('From')));
  if (request.pushType === 'biometric') {
    lines.push(
      ...wrap(
        'This terminal cannot check your fingerprint or face. Your screen lock is the only protection.',
        label('Note'),
      ),
    );
  }
  return lines.map((line) => `  ${line}\n`).join('');
}

function originText(context: PushRequest['context']): string {
  const place = context?.location;
  const parts = [
    context?.userAgent === undefined ? undefined : browserName(context.userAgent),
    place === undefined ? 'place not shared' : `${place.latitude.toFixed(2)}, ${place.longitude.toFixed(2)} (reported)`,
    context?.remoteIp === undefined ? undefined : plainText(context.remoteIp),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** What is asked, in the words of ux.md §6. */
export function questionText(request: PushRequest): string {
  if (request.pushType !== 'challenge') return '  Type y to approve, or d to deny:  ';
  if (request.digits !== undefined) return `  Type the ${request.digits} digits on your screen, or d to deny:  `;
  if (request.choices !== undefined) {
    const last = request.choices.at(-1) ?? '';
    const rest = request.choices.slice(0, -1).join(', ');
    return `  Type the number on your screen (${rest === '' ? last : `${rest} or ${last}`}), or d to deny:  `;
  }
  return '  This request came without a number, so it can only be denied. Type d to deny:  ';
}

/** What stands in the place of a server, which these accounts know none of. */
const WITHOUT_SERVER = { oath: 'one-time codes', bound: 'signs for an app' } as const;

/** The table of `list`. */
export function accountTable(accounts: readonly PhoneAccount[]): string {
  const rows = accounts.map((account) => [
    account.id,
    plainText(account.issuer),
    plainText(account.name),
    account.kind === 'push' ? new URL(account.authenticateUrl).host : WITHOUT_SERVER[account.kind],
    dayText(account.addedAt),
    account.kind !== 'push' ? '-' : account.lastAnswerAt === undefined ? 'never' : dayText(account.lastAnswerAt),
  ]);
  const all = [['ID', 'ISSUER', 'ACCOUNT', 'SERVER', 'ADDED', 'LAST ANSWER'], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A setup code as half blocks with the quiet zone of four modules that scanners need, and the text under it. */
export function setupCodePicture(uri: string, hasColour: boolean): string {
  const modules = encodeQR(uri, 'raw', { ecc: 'low', border: 4 });
  const lines: string[] = [];
  for (let y = 0; y < modules.length; y += 2) {
    const upper = modules[y] ?? [];
    const lower = modules[y + 1] ?? [];
    // Light modules are rendered, dark ones left to the dark ground of a terminal; with colour both are stated.
    const line = upper.map((isDark, x) => halfBlock(!isDark, lower[x] !== true)).join('');
    lines.push(hasColour ? `\u001b[97;40m${line}\u001b[0m` : line);
  }
  return `${lines.join('\n')}\n\n${uri}\n`;
}

function halfBlock(upperIsLight: boolean, lowerIsLight: boolean): string {
  if (upperIsLight) return lowerIsLight ? '█' : '▀';
  return lowerIsLight ? '▄' : ' ';
}

function label(name: string): string {
  return name.padEnd(10);
}

function wrap(text: string, first: string): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length > 10 && line.length + word.length > WIDTH - 3) {
      lines.push(line.trimEnd());
      line = ' '.repeat(10);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function dayText(millis: number): string {
  return new Date(millis).toISOString().slice(0, 16).replace('T', ' ');
}
