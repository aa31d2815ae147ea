import { startWebPushFake } from './web-push-fake.ts';

/** The push service as a process: its argument is the VAPID key that may ring its browsers, its first line where it listens. */
const { origin } = await startWebPushFake(process.argv[2] ?? '', Date.now);
process.stdout.write(`${JSON.stringify({ origin })}\n`);
