import { defineNode, kbaCreateCallback, localized, type SentCallback } from '@assent/engine';
import { z } from 'zod';
import { secretAttributes } from '../state-keys.ts';
import { ANSWERS_ATTRIBUTE, plainAnswer } from './self-service/security-answers.ts';
import { NO_SECURITY_QUESTIONS, selfService } from './self-service/self-service.ts';

const MAX_LENGTH = 256;

/** Asks for security questions and the answers to them. @see spec: node-census §1 */
export const kbaCreate = defineNode({
  type: 'KbaCreateNode',
  title: 'KBA Definition',
  help: 'Lets the user choose security questions, and keeps the answers until a node stores them.',
  tags: ['identity management'],

  config: z.object({
    message: localized().meta({ title: 'Purpose Message', description: 'What the user reads about it, by language.' }),
    allowUserDefinedQuestions: z.boolean().default(true).meta({
      title: 'Allow User-Defined Questions',
      description: 'Let users make up questions of their own.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [secretAttributes],
  sends: [kbaCreateCallback],
  uses: [selfService],
  texts: { message: 'Select a security question.' },
  errors: { noSettings: NO_SECURITY_QUESTIONS },

  process({ config, state, ports, answers, text, choose, fail, goTo, send }) {
    const settings = ports.selfService.securityQuestions() ?? fail('noSettings');
    const { allowUserDefinedQuestions } = config;
    const questions = Object.entries(settings.questions).flatMap(([id, texts]) => {
      const question = choose(texts);
      return question === undefined ? [] : [{ id, question }];
    });
    // Nothing could ever be chosen: the settings of the realm and of the node do not go together.
    if (questions.length < settings.minimumAnswersToDefine && !allowUserDefinedQuestions) fail('noSettings');

    const given = answers.map((answer) => {
      const { question, answer: reply } = kbaCreateCallback.answerOf(answer);
      return { question: question.trim().slice(0, MAX_LENGTH + 1), answer: reply.slice(0, MAX_LENGTH + 1) };
    });
    const isUsable = ({ question, answer }: (typeof given)[number]): boolean =>
      question !== '' &&
      question.length <= MAX_LENGTH &&
      plainAnswer(answer) !== '' &&
      answer.length <= MAX_LENGTH &&
      (allowUserDefinedQuestions || questions.some((it) => it.question === question));
    const distinct = new Set(given.map(({ question }) => question.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()));

    if (given.length < settings.minimumAnswersToDefine || distinct.size < given.length || !given.every(isUsable)) {
      const callback = kbaCreateCallback({
        prompt: text('message', config.message),
        predefinedQuestions: questions.map(({ question }) => question),
        allowUserDefinedQuestions,
      });
      // Questions stay as they were chosen; answers are typed again, like passwords.
      const asked = (at: number): SentCallback => ({
        ...callback,
        input: { ...callback.input, question: given[at]?.question ?? '' },
      });
      return send(...Array.from({ length: settings.minimumAnswersToDefine }, (_, at) => asked(at)));
    }
    state.merge(secretAttributes, {
      [ANSWERS_ATTRIBUTE]: given.map(({ question, answer }) => {
        const known = questions.find((it) => it.question === question);
        return { ...(known ? { questionId: known.id } : { customQuestion: question }), answer };
      }),
    });
    return goTo('outcome');
  },
});
