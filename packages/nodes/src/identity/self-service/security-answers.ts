import { type LaneHasher, parseForeignJson, type ThrottlePolicy } from '@assent/engine';
import { z } from 'zod';

export const ANSWERS_ATTRIBUTE = 'kbaInfo';

/** The fifth wrong answer locks for a quarter of an hour: answers are guessed more easily than passwords (SEC-57). */
export const ANSWERS_POLICY: ThrottlePolicy = {
  windowMillis: 24 * 3_600_000,
  free: 5,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};

export const answersSubject = (userId: string): string => `kba:${userId}`;

const QUESTION = { questionId: z.string().optional(), customQuestion: z.string().optional(), answer: z.string() };
const securityAnswer = z
  .object(QUESTION)
  .refine((it) => it.questionId !== undefined || it.customQuestion !== undefined);
const securityAnswers = z.array(securityAnswer).max(10);

/** A question of the realm by its id, or one that the user made up, with the answer: in clear, or as its hash. */
export type SecurityAnswer = z.output<typeof securityAnswer>;

/** One spelling of an answer: people do not remember capitals and blanks. */
export const plainAnswer = (answer: string): string =>
  answer.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();

/** What is stored for answers as they were collected; undefined for something that is none. */
export const hashedAnswers = async (
  collected: unknown,
  hasher: Pick<LaneHasher, 'hash'>,
): Promise<readonly string[] | undefined> => {
  const parsed = securityAnswers.safeParse(collected);
  if (!parsed.success) return undefined;
  return Promise.all(
    parsed.data.map(async ({ answer, ...question }) =>
      JSON.stringify({ ...question, answer: await hasher.hash(plainAnswer(answer)) }),
    ),
  );
};

/** Stored answers; a text that is none, which an import may have left, is left out. */
export const storedAnswers = (values: readonly string[] = []): readonly SecurityAnswer[] =>
  values.flatMap((text) => {
    try {
      const parsed = securityAnswer.safeParse(parseForeignJson(text));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
