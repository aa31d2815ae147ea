import { parseForeignJson } from '@assent/engine';
import { unstorableMember } from '@assent/push/protocol';
import { z } from 'zod';

const text = z.string().max(16 * 1024);
/** Of something that clients and sessions carry. */
const short = z.string().max(4 * 1024);
const minutes = z.int().min(1).max(5_256_000);

/** A callback that a script built, by the engine's own kinds. */
const callback = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('name'), prompt: text, initial: text.optional() }),
  z.object({ kind: z.literal('password'), prompt: text }),
  z.object({ kind: z.literal('textInput'), prompt: text, initial: text.optional() }),
  z.object({
    kind: z.literal('textOutput'),
    message: text,
    messageType: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(4)]),
  }),
  z.object({ kind: z.literal('hiddenValue'), id: text, value: text }),
  z.object({
    kind: z.literal('choice'),
    prompt: text,
    choices: z.array(text).min(1).max(200),
    defaultChoice: z.int().min(0),
  }),
  z.object({
    kind: z.literal('confirmation'),
    prompt: text,
    messageType: z.int().min(0).max(2),
    options: z.array(text).min(1).max(20),
    optionType: z.int().min(-1).max(2),
    defaultOption: z.int().min(0),
  }),
  z.object({ kind: z.literal('pollingWait'), waitTime: z.number().min(0), message: text }),
  z.object({ kind: z.literal('metadata'), data: z.unknown() }),
  z.object({
    kind: z.literal('redirect'),
    url: text,
    data: z.unknown(),
    method: z.enum(['GET', 'POST']),
    trackingCookie: z.boolean(),
  }),
]);
export type RequestedCallback = z.infer<typeof callback>;

const state = z.record(z.string(), z.unknown());

/** What a script left behind, checked as anything from outside is: the sandbox is not trusted to have kept its shape. */
export const scriptResult = z.object({
  shared: state,
  transient: state,
  /** Names that are still there. */
  secure: z.array(z.string()),
  outcome: text.optional(),
  callbacks: z.array(callback).max(50),
  /** A name and a value, or a name alone for a property that is to go. */
  properties: z.array(z.union([z.tuple([short, short]), z.tuple([short])])).max(100),
  presentation: z.object({ stage: text.optional(), header: text.optional(), description: text.optional() }),
  errorMessage: short.optional(),
  lockoutMessage: short.optional(),
  /** A user name. */
  identified: short.optional(),
  maxSessionMinutes: minutes.optional(),
  maxIdleMinutes: minutes.optional(),
  identityChanges: z
    .array(z.object({ username: z.string(), attribute: z.string().min(1).max(256), values: z.array(text).max(100) }))
    .max(100),
  auditDetail: short.optional(),
  /** The settings that it has made, where it was asked for some. */
  config: z.record(z.string(), z.unknown()).optional(),
});
export type ScriptResult = z.infer<typeof scriptResult>;

const level = z.enum(['debug', 'info', 'warn', 'error']);
const logs = z.array(z.object({ level, text: z.string().max(2_048) })).max(50);
const result = scriptResult.extend({ logs });
const report = z.object({ logs, wanted: z.string().max(256).optional() });

/** A text that no store can keep would fail only where it is looked up or written, as if the store were at fault (OPS-15). */
const read = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    const value: unknown = parseForeignJson(text);
    return unstorableMember(value) === undefined ? schema.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
};

/** What a script left, from its JSON text; undefined where it is not of that shape. */
export const readScriptResult = (text: string) => read(result, text);

/** What a script that failed had said before. */
export const readScriptReport = (text: string) => read(report, text);
