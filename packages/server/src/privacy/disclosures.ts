/** Somebody else who learns something of a user, as operators have to tell their users (GDPR Art. 13). */
export interface Disclosure {
  readonly who: string;
  /** When anything goes there at all. */
  readonly when: string;
  readonly learns: string;
  /** What keeps it small, and by which setting there is more. */
  readonly but: string;
  /** A test that fails where more is sent, by its file under `packages/` and its name. */
  readonly heldBy: readonly [file: string, test: string];
}

const READ_ON_THE_WAY = [
  'the address of the phone with them',
  'the id that the phone has here',
  'the issuer and the text of the request, when it was made and how long it is good',
  'the numbers to choose from',
  'what the journey adds (`customPayload`)',
  'and where the node has `contextInfo`, the address of the network, the browser, and the place to a kilometre',
].join(', ');
const NO_NAME =
  'The message is signed, not sealed, since the apps of Ping open nothing else. The name of the user is in it only where the realm has `nameInPushMessages`.';
const NAMES_NOBODY: Disclosure['heldBy'] = [
  'push/src/requests/push-messages-adapter.test.ts',
  'names nobody to Google, Apple and Amazon, unless the realm says so',
];

/** Everybody to whom the server sends something that is about a user. */
export const DISCLOSURES: readonly Disclosure[] = Object.freeze<Disclosure[]>([
  {
    who: 'Google (FCM), Apple (APNs)',
    when: 'a phone with the app of Ping is rung; ours goes by the relay or Web Push',
    learns: READ_ON_THE_WAY,
    but: NO_NAME,
    heldBy: NAMES_NOBODY,
  },
  {
    who: 'Amazon (SNS)',
    when: 'such a phone is rung in a realm whose push service has its keys',
    learns: READ_ON_THE_WAY,
    but: `It passes it on to Google or Apple. ${NO_NAME}`,
    heldBy: NAMES_NOBODY,
  },
  {
    who: 'The push service of the browser (Web Push)',
    when: 'our phone is rung while its page is closed',
    learns: 'the address of the browser with it, and when something came',
    but: 'What it carries is sealed for the one browser, and always of one length.',
    heldBy: [
      'push/src/delivery/transports/webpush/webpush-transport.test.ts',
      'neither the length nor the topic of what the service sees says what is in it',
    ],
  },
  {
    who: 'The mail server of the realm, or of a node that names one',
    when: 'a user is mailed a link, a code or a notice, or administrators an alert',
    learns: 'the address, the language, and the mail',
    but: 'A mail has what its template names, and no more is kept until it is sent. It goes encrypted, unless the realm or the node says otherwise.',
    heldBy: [
      'server/src/mail/realm-mail.test.ts',
      'keeps of the user no more than the template names until it is sent (I5)',
    ],
  },
  {
    who: 'The carrier of a mobile phone',
    when: 'a journey sends a code as an SMS, by such a mail server',
    learns: 'the number, and the text with the code',
    but: 'Nothing goes there but by the node OTP SMS Sender.',
    heldBy: [
      'nodes/src/mfa/one-time-password-sms-sender.node.test.ts',
      'sends the password to the number at its carrier',
    ],
  },
  {
    who: 'Whoever serves the picture of an account (`imgUrl` of a registration)',
    when: 'an app of Ping shows an account that was connected with one',
    learns: 'the address of the network of the phone, and when',
    but: 'No node has such a picture until an author names one. The server never calls its address, and our pages load no picture from elsewhere.',
    heldBy: ['server/src/pages/login-page.test.ts', 'as a page that nobody keeps and that may load from here alone'],
  },
  {
    who: 'Webhooks of the realm',
    when: 'a session ends that a journey has registered one for, or a user reports a request, where `alertWebhooks` names one',
    learns:
      'what the operator has put into its address, headers and body, such as the name of the user or a property of the session',
    but: 'Without such places it learns that there was an event, and when.',
    heldBy: [
      'server/src/mail/security-alerts.test.ts',
      'the commit of an alert tells each address and webhook of the realm once (SEC-26)',
    ],
  },
  {
    who: 'Applications (OpenID Connect)',
    when: 'a user signs in to one, and a session ends that one had',
    learns: 'the `sub` of the realm, the id of the session, how the user has signed in, and the claims of the scopes',
    but: '`sub` is an id that names nobody, unless `oidcSubject` says otherwise. Of claims only what the user or an administrator has agreed to.',
    heldBy: ['oidc/src/notices/logout-notice.test.ts', 'logout_token'],
  },
  {
    who: 'The directory of the realm (LDAP)',
    when: 'somebody types a name that may be of one of its users',
    learns: 'the name, and the password that is to be checked',
    but: 'It goes encrypted, or not at all.',
    heldBy: [
      'ldap/src/connection/connection.test.ts',
      'a server that does not encrypt when it is asked to gets no password',
    ],
  },
  {
    who: 'Where the audit trail is sent on to (`auditSink`)',
    when: 'anything is written into the trail',
    learns: 'the members of [a line of the trail](audit.md): ids of users, addresses, browsers',
    but: 'Users stand there by their ids.',
    heldBy: [
      'server/src/audit-sink/sinks.test.ts',
      'is one line of ASCII with declared members, whatever is in the row',
    ],
  },
  {
    who: 'Redis, where one is used',
    when: 'something was committed that another instance waits for',
    learns: 'keys: ids of journeys, requests and sessions',
    but: 'Nothing of what was committed, and nothing is kept there.',
    heldBy: [
      'server/src/hints/redis-hints.test.ts',
      'are keys alone, those of two milliseconds in one message, and nothing of what was committed',
    ],
  },
]);
