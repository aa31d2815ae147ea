import {
  metadataSources,
  outdatedCertificates,
  sourceMark,
  WEBAUTHN_METADATA_SERVICE,
  webAuthnMetadataService,
} from '@assent/factors';
import type { Store } from '@assent/store';
import { type Finding, ok, problem, warning } from './check.ts';

const DAY = 24 * 60 * 60_000;
/** So long after the day on which the next edition was promised, somebody has to look why there is none (spec: webauthn §5.4). */
const LATE_FOR = 30 * DAY;

/** Per realm that says by whose word authenticators are what they say: whether that word is still good, and was heard (WA-22). */
export const checkAuthenticatorTrust = async (
  { configuration, authenticatorMetadata }: Pick<Store, 'configuration' | 'authenticatorMetadata'>,
  now: number,
  files: readonly string[] = [],
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  const found = services
    .filter(({ type }) => type === WEBAUTHN_METADATA_SERVICE)
    .map(async ({ realm, config }): Promise<readonly Finding[]> => {
      const name = `realm ${realm}`;
      const read = webAuthnMetadataService.safeParse(config);
      if (!read.success) {
        const [{ path, message } = { path: [], message: '' }] = read.error.issues;
        const said = `The realm trusts no authenticator: ${path.join('.')} of ${WEBAUTHN_METADATA_SERVICE} is wrong. ${message}`;
        return [problem(name, said, `mend ${path.join('.')}`)];
      }
      const outdated = outdatedCertificates(read.data, now).map(({ setting, certificate, from, until }) =>
        warning(
          name,
          `Nothing is trusted by the certificate of ${certificate} in ${setting}: it is good from ${from} until ${until}.`,
          `take it out of ${setting} of the service ${WEBAUTHN_METADATA_SERVICE}, or replace it`,
        ),
      );
      const rows = new Map((await authenticatorMetadata.ofRealm(realm)).map((row) => [row.place, row]));
      const editions = metadataSources(realm, read.data, undefined, files).map((source): Finding => {
        const row = rows.get(source.place);
        if (row === undefined || row.source !== sourceMark(source))
          return warning(
            name,
            `The metadata of authenticators at ${source.address} was not read yet.`,
            'make a passkey with a security key, which has it read; where it is still not, the log says why',
          );
        const { no, nextUpdate, readAt } = row;
        const known = `Number ${no} of the metadata of authenticators at ${source.address} was read on ${dayOf(readAt)}`;
        return now > nextUpdate + LATE_FOR
          ? warning(
              name,
              `${known}, and the next one has been due since ${dayOf(nextUpdate)}.`,
              'the log says why it cannot be read, once a passkey is made; a file has to be replaced by hand',
            )
          : ok(name, `${known}; the next one is due on ${dayOf(nextUpdate)}.`);
      });
      return [...outdated, ...editions];
    });
  return (await Promise.all(found)).flat();
};

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
