import type { Answer } from '../http/call.ts';
import type { Decision } from '../realms/configuration-writes.ts';

/** A decision about the configuration, and what the client gets for it once it is committed. */
export interface Answered extends Decision {
  readonly answer: Answer;
}
