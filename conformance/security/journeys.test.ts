import { afterAll, beforeAll } from 'vitest';
import { type AttackedServer, startAttackedServer } from './attacked-server.ts';
import { describeJourneyAttacks } from './journey-attacks.ts';

let attacked: AttackedServer;
beforeAll(async () => {
  attacked = await startAttackedServer();
});
afterAll(() => attacked?.close());

describeJourneyAttacks(() => attacked);
