import { canonicalLocale } from '@assent/engine';
import { z } from 'zod';
import { isUsableAlias, MAX_ALIASES } from '../realms/realm-names.ts';
import { isLoginPageUrl } from '../realms/resume-link.ts';
import { EMAIL_TEMPLATE_NAME } from '../routes/configuration/email-templates.ts';
import { WEBHOOK_NAME } from '../routes/configuration/webhooks.ts';
import { SCRIPT_ID } from '../routes/scripts/scripts.ts';
import { isNodeId } from '../routes/trees/nodes.ts';
import { isTreeName, TREE_NAME_RULE } from '../routes/trees/trees.ts';
import { RealmFileRefused } from './realm-file-refused.ts';

const MAX_MINUTES = 525_600;
const MAX_KEPT_LENGTH = 131_072;

const minutes = (most = MAX_MINUTES) => z.int().min(1).max(most);
const url = z.string().max(2_048);
const treeName = z.string().refine(isTreeName, TREE_NAME_RULE);

/** What may be written of the settings of a realm over REST, beside those that services of it judge. */
export const realmRules = z.object({
  defaultTree: treeName,
  adminTree: treeName,
  journeyMinutes: minutes(1_440),
  suspendedMinutes: minutes(43_200),
  sessionMaxMinutes: minutes(),
  sessionIdleMinutes: minutes(),
  locale: z.string().refine((tag) => canonicalLocale(tag) !== undefined, 'It is no language.'),
  successUrl: url,
  failureUrl: url,
  externalLoginPageUrl: z
    .string()
    .max(1_024)
    .refine((text) => text === '' || isLoginPageUrl(text), 'Must be an https address of a page; or empty.'),
  aliases: z
    .array(z.string().refine(isUsableAlias, 'Must be a name that stands for a realm, such as login.example.com.'))
    .max(MAX_ALIASES),
  kept: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .refine((kept) => JSON.stringify(kept).length <= MAX_KEPT_LENGTH, `Has more than ${MAX_KEPT_LENGTH} characters.`)
    .optional(),
});

/** Kinds of documents that have a name or an id of their own, and what it may be: as over REST, or nobody could read or delete them there. */
const NAMES = {
  emailTemplate: (name) => EMAIL_TEMPLATE_NAME.pattern.test(name) || EMAIL_TEMPLATE_NAME.rule,
  webhook: (name) => WEBHOOK_NAME.pattern.test(name) || WEBHOOK_NAME.rule,
  script: (id) => SCRIPT_ID.test(id) || 'The id of a script has letters, digits, dots and dashes.',
  nodes: (id) => isNodeId(id) || 'The id of a node has letters, digits, dots and dashes.',
  trees: (name) => isTreeName(name) || TREE_NAME_RULE,
} as const satisfies Record<string, (name: string) => true | string>;

/** Throws {@link RealmFileRefused} for a name that no such document can have. */
export const checkName = (member: keyof typeof NAMES, name: string): void => {
  const rule = NAMES[member](name);
  // As no path of the file can be told by a name of any length, it is cut.
  if (rule !== true) throw new RealmFileRefused(`${member}.${name.slice(0, 64)}: ${rule}`);
};
