import { missingServers } from '@assent/test-servers';
import { type UpgradeOptions, upgrade } from './rolling-upgrade.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const SHOWN = 10;

/** The exit code is 1 where a login was lost, or something else that was told, and 2 where it cannot begin. */
export const main = async (options: UpgradeOptions): Promise<number> => {
  const missing = missingServers([
    'haproxy',
    ...(options.store === 'postgres' ? (['postgres', 'redis'] as const) : []),
  ]);
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    return 2;
  }
  let failed = 0;
  await upgrade(options, ({ name, logins, begunAgain, unanswered, wrong }) => {
    const again = `${begunAgain} begin again, ${unanswered.length} answers of 5xx`;
    say(`${wrong.length === 0 ? 'passed' : 'failed'}  ${name}: ${logins} logins, ${wrong.length} wrong (${again})`);
    const lines = [...wrong, ...unanswered.slice(0, 1)];
    for (const text of lines.slice(0, SHOWN)) say(`        ${text}`);
    if (lines.length > SHOWN) say(`        … and ${lines.length - SHOWN} more`);
    if (wrong.length > 0) failed += 1;
  });
  say(failed === 0 ? 'No login was lost.' : `${failed} of these failed.`);
  return failed === 0 ? 0 : 1;
};
