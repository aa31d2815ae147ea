import { startFcmFake } from './fcm-fake.ts';

/** FCM as a process: its first line says where it listens, and the settings by which a realm gets in. */
const { endpoint, projectId, account } = await startFcmFake();
const settings = { projectId, serviceAccount: account.file, endpoint };
process.stdout.write(`${JSON.stringify({ control: endpoint, settings })}\n`);
