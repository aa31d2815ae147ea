import { afterAll, beforeAll } from 'vitest';
import { type AttackedServer, startAttackedServer } from './attacked-server.ts';
import { describeConnectionAttacks, describeRequestAttacks } from './request-attacks.ts';

let attacked: AttackedServer;
beforeAll(async () => {
  attacked = await startAttackedServer();
});
afterAll(() => attacked?.close());

describeConnectionAttacks(() => attacked);
describeRequestAttacks(() => attacked);
