import { type RecordedRequest, type RecordingServer, replyJson, startRecordingServer } from './recording-server.ts';
import { type TestPhone, testPhone } from './test-phone.ts';
import { claimsOf, pushClaims, pushJwt, setupCode } from './wire-fixtures.ts';

export const MESSAGE_ID = 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000';

/** The token that a phone has sent in the body of a request. */
export const jwtOf = (request: RecordedRequest | undefined): unknown => JSON.parse(request?.body ?? '{}').jwt;

/** The objects of an output with `--json`. */
export const jsonLines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** A phone, and the server that it calls. */
export interface PhoneAndServer {
  readonly server: RecordingServer;
  readonly phone: TestPhone;
  /** The mechanism of the account, once the phone has registered. */
  readonly uid: string;
  /** Registers the phone with this server. */
  register(): Promise<void>;
  /** A request for an approval as the relay holds it, with other claims where they are given. */
  item(changes?: Record<string, unknown>, messageId?: string): { readonly messageId: string; readonly message: string };
  /** Lets the relay hold these messages; everything else gets 200 and `{}`. */
  relayWith(...messages: object[]): void;
  /** What the server has received for an action. */
  sentTo(action: string): RecordedRequest[];
}

export const phoneAndServer = async (): Promise<PhoneAndServer> => {
  const server = await startRecordingServer();
  const phone = testPhone();
  let uid = '';
  return {
    server,
    phone,
    get uid() {
      return uid;
    },
    async register() {
      const { code, stderr } = await phone.run('register', setupCode(server.origin), '--name', 'Laptop');
      if (code !== 0) throw new Error(`The phone did not register: ${stderr}`);
      uid = String(claimsOf(jwtOf(server.requests.at(-1))).mechanismUid);
    },
    item: (changes = {}, messageId = MESSAGE_ID) => ({
      messageId,
      message: pushJwt(pushClaims(uid, phone.now, { x_len: '6', ...changes })),
    }),
    relayWith: (...messages) =>
      server.answerWith((request, response) =>
        request.method === 'GET' ? replyJson(response, 200, { messages }) : replyJson(response, 200, {}),
      ),
    sentTo: (action) => server.requests.filter(({ url }) => url.includes(`_action=${action}`)),
  };
};
