import { chownSync } from 'node:fs';
import { type Installation, openPage, runIn, serve, signInByPhone } from '../package/installed.ts';

/** An image that is unpacked, and a script that runs a command in it as the image says. */
export interface UnpackedImage {
  readonly entry: string;
  /** The volume for data, which a container engine would give to the user of the image. */
  readonly data: string;
  readonly uid: number;
  readonly gid: number;
  readonly scratch: string;
  readonly say: (text: string) => void;
}

const expected = (isSo: boolean, what: string): void => {
  if (!isSo) throw new Error(what);
};

/** Starts it on a root that is read-only, asks its health check, and signs in by a phone that is the command line of the image. */
export const checkStarted = async ({ entry, data, uid, gid, scratch, say }: UnpackedImage): Promise<void> => {
  chownSync(data, uid, gid);
  const env = { PATH: process.env.PATH ?? '', ASSENT_PORT: '' };
  const image: Installation = { directory: scratch, env, command: [entry, 'assent'] };
  const inImage = (...command: readonly string[]) => runIn(image, [entry, ...command]);

  const written = await inImage('touch', '/node_modules/planted');
  expected(
    written.code !== 0 && /Read-only file system/.test(written.text),
    `The root can be written to: ${written.text}`,
  );
  const who = await inImage('id', '-u');
  expected(who.text.trim() === String(uid) && uid !== 0, `It runs as ${who.text}`);
  say('  runs as its user, on a root that is read-only');

  // The demo is for loopback alone, unless somebody insists.
  const server = await serve(image, ['--seed', 'demo', '--insecure']);
  const health = ['assent', 'health', '--url', `${server.am}/health`];
  try {
    await openPage(server.am);
    const ready = await inImage(...health);
    expected(ready.code === 0 && ready.text.trim() === 'ready', `Its health check says ${ready.code}: ${ready.text}`);
    await signInByPhone(image, server.am);
    say('  serves, is healthy, and somebody signed in by their phone');
  } finally {
    await server.stop();
  }
  const away = await inImage(...health);
  expected(away.code === 3, `Its health check ends with ${away.code} where nobody answers: ${away.text}`);
};
