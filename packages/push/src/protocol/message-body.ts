import { MAX_JWT_LENGTH } from './jwt.ts';
import { type MessageType, parseMessageId } from './message-id.ts';
import { isObject, type Parsed, parsed, refused } from './parsed.ts';

/** What a phone posts to register or to answer. */
export interface MessageBody {
  readonly messageId: string;
  readonly type: MessageType;
  readonly jwt: string;
}

/** Reads the body of a phone's message; members that we do not know are ignored (spec/push-protocol.md §2.1). */
export function parseMessageBody(body: unknown): Parsed<MessageBody> {
  if (!isObject(body)) return refused('body is not an object');
  const { messageId, jwt } = body;
  if (typeof messageId !== 'string') return refused('messageId is not text');
  const id = parseMessageId(messageId);
  if (id === undefined) return refused('messageId does not parse');
  if (typeof jwt !== 'string') return refused('jwt is not text');
  if (jwt.length > MAX_JWT_LENGTH) return refused('jwt too long');
  return parsed({ messageId, type: id.type, jwt });
}
