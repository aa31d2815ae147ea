import { type LoginTemplate, readLoginTemplate } from '@assent/oidc';

/** The template of a setting; a text that cannot be used is found, and people sign in at our own page then. */
export const loginTemplateOf = (
  text: string | undefined,
  find: (problem: string) => void,
): { readonly loginTemplate?: LoginTemplate } => {
  if (text === undefined) return {};
  const template = readLoginTemplate(text);
  if (!('problem' in template)) return { loginTemplate: template };
  find(`${template.problem}; users sign in at the login page of this server`);
  return {};
};
