import { SESSIONS_OF_USER } from '@assent/engine/host';
import { z } from 'zod';

const text = z.string();
const count = z.int().min(0);
/** ISO 8601, in UTC. */
const time = z.iso.datetime();

const says = <T extends z.ZodType>(description: string, type: T): T => type.meta({ description });

const device = z.strictObject({
  id: says('Its id here.', text),
  name: says('What the user calls it.', text),
  createdAt: says('Since when it is here.', time),
  lastUsedAt: says('When it was last used.', time),
});

/**
 * What a user is handed who asks for everything that is kept (GDPR Art. 15 and 20, security-reliability §7 "Export"): no secret, and nothing of
 * anybody else. The page of the reference is made of it.
 */
export const userExport = z.strictObject({
  format: says('Says what this is, and in which version.', z.literal('assent-user-export/1')),
  issuer: says('Who has made it: the issuer of the realm, whose keys have signed it.', text),
  createdAt: says('As of when it is.', time),
  user: says(
    'The account.',
    z.strictObject({
      id: says('The id by which the server and its audit trail know the user.', text),
      username: says('The name to sign in with.', text),
      realm: says('The realm.', text),
      active: says('Whether the account can be used.', z.boolean()),
      attributes: says('Its attributes, but for those that prove the user.', z.record(text, z.array(text))),
      hasPassword: says('Whether a password is kept here; of it a hash is, which is handed to nobody.', z.boolean()),
      securityQuestions: says('How many answers to security questions are kept, as hashes.', count),
      directory: says('Whether the account lies in a directory of the realm, which keeps more of it.', z.boolean()),
    }),
  ),
  phones: says(
    'Phones that approve sign-ins.',
    z.array(
      device.extend({
        type: says('What it says it is.', text),
        reachedBy: says('Through whom it is rung.', text),
        issuer: says('Under which name it has the account.', text),
        unreachableSince: says('Since when its provider says that it cannot be reached.', time).exactOptional(),
      }),
    ),
  ),
  generators: says(
    'Apps and devices that make one-time passwords.',
    z.array(device.extend({ issuer: says('Under which name it has the account.', text) })),
  ),
  passkeys: says(
    'Passkeys that sign the user in.',
    z.array(
      device.extend({
        credential: says('By what the browser and this server know it.', text),
        site: says('The name of the site that it is for, where it is known.', text).exactOptional(),
        model: says('Which kind of authenticator it is, as a UUID; zeros where it does not say.', text),
        reachedBy: says('How it is reached, as the browser has said.', z.array(text)),
        synced: says('Whether it was kept in more than one place when it was last used.', z.boolean()),
        mayBeCopiedSince: says('When it last counted as if somebody had a copy of it.', time).exactOptional(),
      }),
    ),
  ),
  boundDevices: says(
    'Apps on devices that sign for the user.',
    z.array(
      device.extend({
        application: says('Which app; empty where it is not known.', text),
        installation: says('The name of the app for where it is installed.', text),
        attested: says('Whether its maker has vouched that the key lies in hardware.', z.boolean()),
      }),
    ),
  ),
  browsers: says(
    'Browsers whose profile a journey has saved, as it was collected.',
    z.array(z.record(text, z.unknown())),
  ),
  recoveryCodes: says(
    'How many are left, by what they stand in for.',
    z.strictObject({
      push: says('Of those that stand in for a phone.', count),
      oath: says('Of those that stand in for an app or a device that makes one-time passwords.', count),
      webauthn: says('Of those that stand in for a passkey.', count),
    }),
  ),
  sessions: says(
    `Where the user is signed in, the newest ${SESSIONS_OF_USER.kept} sessions.`,
    z.array(
      z.strictObject({
        startedAt: says('Since when.', time),
        lastUsedAt: says('When it was last used.', time),
        endsAt: says('When it ends at the latest.', time),
        properties: says('What is kept with it, such as the address and the browser.', z.record(text, text)),
      }),
    ),
  ),
  sessionsAreCut: says(
    `Whether there are older sessions than fit: the command line hands out the newest ${SESSIONS_OF_USER.kept}.`,
    z.boolean(),
  ),
  applications: says(
    'What the user has agreed to, and which applications hold tokens.',
    z.array(
      z.strictObject({
        client: says('The id of the client.', text),
        scopes: says('What it may do or see.', z.array(text)),
        agreedAt: says('When the user agreed last; absent where the application asks each time.', time).exactOptional(),
        grantedAt: says('Since when it holds tokens; absent where it holds none.', time).exactOptional(),
        lastUsedAt: says('When they were last renewed.', time).exactOptional(),
        expiresAt: says('When the last of them ends.', time).exactOptional(),
      }),
    ),
  ),
  applicationsAreCut: says(
    'Whether there are more applications than fit: the command line hands out all of them.',
    z.boolean(),
  ),
  requests: says(
    'Requests to phones that are kept: those of the last minutes.',
    z.array(
      z.strictObject({
        id: says('Its id.', text),
        phone: says('The id of the phone.', text),
        state: says('What became of it.', text),
        reason: says('Why it was denied or closed.', text).exactOptional(),
        sentAt: says('When it was made.', time),
        expiresAt: says('Until when it could be answered.', time),
        answeredAt: says('When it was answered.', time).exactOptional(),
      }),
    ),
  ),
  notices: says(
    'Mails and messages about the user that wait to be sent, or could not be.',
    z.array(
      z.strictObject({
        kind: says('What it is.', text),
        tries: says('How often it was tried.', count),
        gaveUpAt: says('When it was given up.', time).exactOptional(),
      }),
    ),
  ),
  counters: says(
    'What is counted of the account against guessing.',
    z.array(
      z.strictObject({
        kind: says('Of what.', text),
        at: says('When it happened.', z.array(time)),
        lockedUntil: says('Until when nothing more is taken.', time).exactOptional(),
      }),
    ),
  ),
  activity: says(
    'The audit trail of the user, newest first.',
    z.array(
      z.strictObject({
        at: says('When.', time),
        event: says('What.', text),
        outcome: says('How it ended.', text).exactOptional(),
        journey: says('In which journey.', text).exactOptional(),
        node: says('At which node of it.', text).exactOptional(),
        byAdministrator: says('Whether an administrator did it.', z.boolean()),
        detail: says(
          'What else is kept of it; who administers is left out.',
          z.record(text, z.union([text, z.number(), z.boolean()])),
        ).exactOptional(),
      }),
    ),
  ),
  activityIsCut: says('Whether there is older activity than fits: the command line hands out all of it.', z.boolean()),
});

export type UserExport = z.infer<typeof userExport>;
