import { afterAll, beforeAll } from 'vitest';
import { type AttackedServer, startAttackedServer } from './attacked-server.ts';
import { describeSessionAttacks } from './session-attacks.ts';

let attacked: AttackedServer;
beforeAll(async () => {
  attacked = await startAttackedServer();
});
afterAll(() => attacked?.close());

describeSessionAttacks(() => attacked);
