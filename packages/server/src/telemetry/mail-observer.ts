import type { RealmMailer } from '@assent/nodes';

/** Servers that are told apart as troubled. */
const MAX_TROUBLED = 100;

/** Knows the mail servers that took nothing when they were asked last; a mail that is refused for itself says nothing of its server. */
export const mailObserver = () => {
  const troubled = new Set<string>();
  return {
    over: (mailer: RealmMailer): RealmMailer => ({
      async send(mail, realm) {
        const result = await mailer.send(mail, realm);
        const { host } = mail.server;
        if (result.status === 'accepted' || result.isFinal === true) troubled.delete(host);
        else if (troubled.size < MAX_TROUBLED) troubled.add(host);
        return result;
      },
    }),
    problems: (): readonly string[] => [...troubled].map((host) => `The mail server ${host} takes no mail.`),
  };
};
