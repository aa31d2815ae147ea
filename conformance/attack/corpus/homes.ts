/**
 * Attacks of spec/security-reliability §3 that no case of the corpus makes, since they are on a phone, on a page or inside of the server, by
 * the file whose tests make them and name them.
 */
export const HOMES: Readonly<Record<string, string>> = {
  A097: 'packages/server/walks/magic-link.test.ts',
  A109: 'packages/factors/src/oath/oath-devices-adapter.test.ts',
  A122: 'packages/factors/src/oath/verify-one-time-password.test.ts',
  A123: 'packages/factors/src/oath/verify-one-time-password.test.ts',
  A132: 'packages/server/src/authorization/administration.test.ts',
  A159: 'packages/scripting/src/hostile-scripts.test.ts',
  A160: 'packages/scripting/src/hostile-scripts.test.ts',
  A162: 'packages/push/src/outbound/guarded-requests.test.ts',
  A165: 'packages/web/src/phone/server/sign-in-request.test.ts',
  A166: 'packages/cli/src/phone/messages/setup-code.test.ts',
  A167: 'packages/web/src/phone/model/request-desk.test.ts',
  A168: 'packages/cli/src/phone/commands/answer-commands.test.ts',
};
