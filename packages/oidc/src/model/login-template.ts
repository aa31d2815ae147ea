/**
 * The address of a login page of a realm's own, as AM's `customLoginUrlTemplate` says it: literal text, `${name}`, and parts that are left
 * out where a value is missing, `<#if name??>…</#if>`. It is the subset of FreeMarker that AM documents for this setting.
 */
export interface LoginTemplate {
  readonly parts: readonly TemplatePart[];
}

type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: TemplateName }
  | { readonly kind: 'if'; readonly name: TemplateName; readonly parts: readonly TemplatePart[] };

/** AM has `module` too: no request names a module here, so parts that depend on it are left out. */
const NAMES = ['goto', 'acrValues', 'realm', 'module', 'service', 'locale'] as const;
type TemplateName = (typeof NAMES)[number];
export type LoginTemplateValues = Readonly<Partial<Record<TemplateName, string>>>;

const MAX_LENGTH = 2_000;

/** In this order at one place: what a template may have, and then what begins like it. */
const TOKEN = /\$\{(\w{1,20})(?:\?url)?\}|<#if (\w{1,20})\?\?>|(<\/#if>)|(\$\{|<#|<\/#)/g;

/** Where a browser goes is never up to a request: the origin stands in the template, and so does the slash behind it. */
const FIXED_ORIGIN = /^(https?:\/\/[^/?#<$\\@\s]+)\//;

/** Two values may stand side by side, so that one dot is refused as well. */
const DOTS = /^\.+$/;

const isName = (name: string): name is TemplateName => (NAMES as readonly string[]).includes(name);

/** Reads a template; or what is wrong with it, as a clause that follows the name of the setting. */
export const readLoginTemplate = (text: string): LoginTemplate | { readonly problem: string } => {
  if (text.length > MAX_LENGTH) return { problem: `has more than ${MAX_LENGTH} characters` };
  const [, origin] = FIXED_ORIGIN.exec(text) ?? [];
  if (origin === undefined || !URL.canParse(origin)) {
    return { problem: 'does not begin with a scheme and a host without variables, such as https://login.example.com/' };
  }
  const top: TemplatePart[] = [];
  let open: { readonly name: TemplateName; readonly parts: TemplatePart[] } | undefined;
  let from = 0;
  const add = (part: TemplatePart): void => void (open?.parts ?? top).push(part);
  for (const match of text.matchAll(TOKEN)) {
    const [token, value, condition, end] = match;
    if (match.index > from) add({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + token.length;
    const name = value ?? condition;
    if (name !== undefined && !isName(name))
      return { problem: `has the variable ${name}; those that exist are ${NAMES.join(', ')}` };
    if (value !== undefined && isName(value)) add({ kind: 'value', name: value });
    else if (condition !== undefined && isName(condition)) {
      if (open !== undefined) return { problem: 'has an <#if> inside another' };
      open = { name: condition, parts: [] };
    } else if (end !== undefined) {
      if (open === undefined) return { problem: 'has a </#if> without its <#if>' };
      top.push({ kind: 'if', ...open });
      open = undefined;
    } else return { problem: `has ${token} where neither \${name} nor <#if name??> stands` };
  }
  if (open !== undefined) return { problem: 'has an <#if> without its </#if>' };
  if (from < text.length) top.push({ kind: 'text', text: text.slice(from) });
  return { parts: top };
};

/** The address for one request. Values are encoded for a query, so none of them adds a parameter or leaves its place. */
export const fillLoginTemplate = ({ parts }: LoginTemplate, values: LoginTemplateValues): string =>
  parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const value = values[part.name];
      // A part of a path that is `.` or `..` would lead to another page of that host, and encoding leaves both as they are.
      if (part.kind === 'value') return DOTS.test(value ?? '') ? '' : encodeURIComponent(value ?? '');
      return value === undefined ? '' : fillLoginTemplate(part, values);
    })
    .join('');
