import type { CLIENT_SECTIONS, OVERRIDES, PROVIDER_SECTIONS } from '@assent/wire';
import type { DocumentReader } from './document-reader.ts';

/** What AM lets a plug-in decide, with what decides it here. */
const EXTENSIONS = [
  ['accessTokenModification', 'accessTokenModifierClass', 'access tokens say what they always say'],
  ['oidcClaims', 'oidcClaimsClass', 'claims are made of the attributes of the user'],
  ['evaluateScope', 'evaluateScopeClass', 'scopes are granted as they were asked for'],
  ['validateScope', 'validateScopeClass', 'the scopes of the client decide'],
  ['authorizeEndpointDataProvider', 'authorizeEndpointDataProviderClass', 'the answer has what the standard has'],
] as const;

/** Classes that AM has there by itself. */
const OF_AM = /^org\.forgerock\./;

/** Scripts that AM has there by itself, which change nothing as they come. */
const SHIPPED_SCRIPTS = new Set([
  '[Empty]',
  '36863ffb-40ec-48b9-94b1-9a99f71cc3b5',
  '39c08084-1238-43e8-857f-2e11005eac49',
  'cf3515f0-8278-4ee3-a530-1bad7424c416',
  'd22f9a0c-426a-4466-b95e-d0f125b0d5fa',
]);

/** Names the scripts and classes that AM would run in a section, and this server does not. */
export const findForeignPlugins = (
  read: DocumentReader<typeof CLIENT_SECTIONS> | DocumentReader<typeof PROVIDER_SECTIONS>,
  section: typeof OVERRIDES | 'pluginsConfig',
): void => {
  // Both sections have the same names, which the compiler cannot see through the union of their readers.
  const reader = read as unknown as DocumentReader<Readonly<Record<string, Readonly<Record<string, never>>>>>;
  for (const [extension, className, instead] of EXTENSIONS) {
    const type = reader.text(section, `${extension}PluginType`);
    const script = reader.text(section, `${extension}Script`) ?? '[Empty]';
    const byClass = reader.text(section, className);
    if (type === 'SCRIPTED' && !SHIPPED_SCRIPTS.has(script)) {
      reader.find(section, `${extension}Script`, `names a script, which does not run here: ${instead}`);
    } else if (type === 'JAVA' && byClass !== undefined && !OF_AM.test(byClass)) {
      reader.find(section, className, `names a class, which does not run here: ${instead}`);
    }
  }
};
