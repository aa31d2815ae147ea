import { z } from 'zod';
import { patternFault } from './resource-pattern.ts';

/** The policy set of callers that name none, as in AM. */
export const USUAL_APPLICATION = 'iPlanetAMWebAgentService';

const name = z.string().trim().min(1).max(256);
const journey = z.string().min(1).max(256);

const resource = z
  .string()
  .max(500)
  .superRefine((pattern, context) => {
    const message = patternFault(pattern);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const condition = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('AuthLevel'), authLevel: z.int().min(1).max(99_999) }),
    z.strictObject({ type: z.literal('AuthenticateToService'), authenticateToService: journey }),
    z.strictObject({
      type: z.literal('Transaction'),
      authenticationStrategy: z.enum(['AuthenticateToServiceConditionAdvice', 'AuthenticateToTreeConditionAdvice']),
      strategySpecifier: journey,
    }),
  ],
  { error: 'Must have the type AuthLevel, AuthenticateToService or Transaction.' },
);

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;
const everyMethod = () => Object.fromEntries(METHODS.map((method) => [method, true]));

const policy = z.strictObject({
  name,
  active: z.boolean().default(true),
  applicationName: name.default(USUAL_APPLICATION),
  resources: z.array(resource).min(1).max(20),
  actionValues: z
    .record(z.string().regex(/^[A-Z]{1,16}$/, 'Must name methods of HTTP in capitals.'), z.boolean())
    .refine((actions) => Object.keys(actions).length <= 20, 'Must have 20 actions at most.')
    .default(everyMethod),
  condition: condition.optional(),
});

/** The policies of a realm, in AM's words as far as they go. */
export const policyList = z
  .array(policy)
  .max(100)
  .refine((all) => new Set(all.map((it) => it.name)).size === all.length, 'Must have each name once.');
