import { startSnsFake } from './sns-fake.ts';

// A process of its own for black-box tests: prints one line with the address, and ends with SIGTERM.
const fake = await startSnsFake({ port: Number(process.argv[2] ?? 0) });
process.stdout.write(`${JSON.stringify({ port: fake.port, endpoint: fake.endpoint })}\n`);
process.once('SIGTERM', () => void fake.close());
