import { startApnsFake } from './apns-fake.ts';
import { startSteering } from './fake-behaviour.ts';

/** APNs as a process: its first line says where it is steered, whom to trust, and the settings by which a realm gets in. */
const fake = await startApnsFake();
const { url: control } = await startSteering(fake);
const settings = { ...fake.account, endpoint: fake.endpoint };
process.stdout.write(`${JSON.stringify({ control, certificate: fake.certificate, settings })}\n`);
