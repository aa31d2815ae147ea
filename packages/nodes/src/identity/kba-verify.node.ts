import {
  clock,
  defineNode,
  identities,
  optional,
  passwordCallback,
  passwordHasher,
  random,
  throttle,
} from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import {
  ANSWERS_ATTRIBUTE,
  ANSWERS_POLICY,
  answersSubject,
  plainAnswer,
  storedAnswers,
} from './self-service/security-answers.ts';
import { NO_SECURITY_QUESTIONS, selfService, wrongAnswersAllowed } from './self-service/self-service.ts';
import { goOnAsBoundUser, lookUpUser } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';

const MAX_ANSWER_LENGTH = 256;
/** The attribute counts up to this where the realm allows any number of wrong answers. */
const MAX_ATTEMPTS_KEPT = 100;

/** Asks security questions and checks the answers. @see spec: node-census §1 */
export const kbaVerify = defineNode({
  type: 'KbaVerifyNode',
  title: 'KBA Verification',
  help: 'Asks some of the security questions of the user, and whether the answers are right.',
  tags: ['identity management'],

  config: z.object({
    kbaInfoAttribute: z.string().min(1).default(ANSWERS_ATTRIBUTE).meta({
      title: 'KBA Attribute',
      description: 'The attribute of the user that holds questions and hashed answers.',
    }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  outputs: [username],
  outputsAt: { true: [], false: [] },
  dynamicInputs: (config) => [config.identityAttribute],
  sends: [passwordCallback],
  uses: [clock, identities, passwordHasher, random, selfService, throttle],
  textFallback: 'realm-then-first',
  errors: {
    noSettings: NO_SECURITY_QUESTIONS,
    notFound: 'Failed to retrieve user object',
    tooMany: 'Maximum attempts exceeded',
    tooFew: 'Object has defined fewer questions than the minimum',
    noQuestion: 'Question id {{id}} is not defined',
    wrong: 'Provided answer(s) are invalid',
  },

  async process({ config, state, ports, journey, sent, answers, choose, fail, report, goTo, send }) {
    const settings = ports.selfService.securityQuestions() ?? fail('noSettings');
    const name = state.get(username);
    const found = await lookUpUser(journey, ports.identities, config.identityAttribute, state.compartments(), name);
    const identity = found.identity ?? fail('notFound');

    const { kbaAttemptsPropertyName: counter } = settings;
    const most = wrongAnswersAllowed(settings);
    const subject = answersSubject(identity.id);
    const guess = { ...identity, userId: identity.id };
    const { locked, hits } = await ports.throttle.state(subject, guess);
    // Each place has the number for itself, for a day: one number for all callers would let any of them lock out the user (docs/adr/0139).
    const since = ports.clock.now() - ANSWERS_POLICY.windowMillis;
    const isOver = most !== undefined && hits.filter((at) => at > since).length > most;
    const isLocked = locked || isOver;
    if (isLocked && sent.length > 0) journey.auditRefusal('kba', 'locked');
    if (isLocked) fail('tooMany');

    const stored = storedAnswers(identity.attributes[config.kbaInfoAttribute]);
    if (stored.length < settings.minimumAnswersToDefine) fail('tooFew');
    const known = stored.map(({ customQuestion, questionId = '', answer: hash }) => {
      const texts = Object.hasOwn(settings.questions, questionId) ? (settings.questions[questionId] ?? {}) : {};
      const prompt = customQuestion ?? choose(texts) ?? fail('noQuestion', { id: questionId });
      return { prompt, hash, spellings: [prompt, ...Object.values(texts)] };
    });

    if (sent.length === 0) {
      const asked = [...known];
      while (asked.length > settings.minimumAnswersToVerify) asked.splice(ports.random.int(asked.length), 1);
      return send(...asked.map(({ prompt }) => passwordCallback({ prompt })));
    }

    // All of them are checked, so that the time does not tell which one is wrong.
    const checks = sent.map(({ output }, at) => {
      const answer = plainAnswer(passwordCallback.answerOf(answers[at] ?? {}).slice(0, MAX_ANSWER_LENGTH + 1));
      // A question may have been asked in another language than that of this request.
      const of = known.find(({ spellings }) => spellings.includes(String(output.prompt)));
      return ports.passwordHasher.verify(of?.hash, answer);
    });
    const isRight = (await Promise.all(checks)).every(Boolean);
    if (!isRight) {
      report('wrong');
      journey.auditRefusal('kba');
      await ports.throttle.hit(subject, ANSWERS_POLICY, guess);
      if (counter === undefined) return goTo('false');
      // Administrators read the attribute, as does PingAM at the same directory. Its bound keeps wrong answers from writing the user without end.
      const attempts = Number(identity.attributes[counter]?.[0]) || 0;
      if (attempts <= (most ?? MAX_ATTEMPTS_KEPT)) {
        await ports.identities.setAttributes(identity.username, { [counter]: [String(attempts + 1)] });
      }
      return goTo('false');
    }
    await ports.throttle.clear(subject, guess);
    if (counter !== undefined && (identity.attributes[counter] ?? []).length > 0) {
      await ports.identities.setAttributes(identity.username, { [counter]: [] });
    }
    // The answers are those of this user, also where another user has the typed value later.
    journey.bindTo(identity);
    await goOnAsBoundUser({ state, journey, ports });
    return goTo('true');
  },
});
