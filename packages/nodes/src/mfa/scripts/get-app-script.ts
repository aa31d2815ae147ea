import { fillIn } from '@assent/engine';
import { htmlText, scriptText } from '../../escaping/script-text.ts';

export interface AppStoreLinks {
  readonly appleLink: string;
  readonly googleLink: string;
  readonly appleLabel: string;
  readonly googleLabel: string;
}

const anchor = (url: string, label: string): string =>
  `<a target='_blank' rel='noopener noreferrer' href='${htmlText(url)}'>${htmlText(label)}</a>`;

/** The message with its links. An author who names a label has written the HTML around it; otherwise links are made. */
const getAppHtml = (message: string, links: AppStoreLinks): string => {
  const { appleLink, googleLink, appleLabel, googleLabel } = links;
  if (message.includes('{appleLabel}') || message.includes('{googleLabel}')) {
    return fillIn(message, {
      appleLink: htmlText(appleLink),
      googleLink: htmlText(googleLink),
      appleLabel: htmlText(appleLabel),
      googleLabel: htmlText(googleLabel),
    });
  }
  return fillIn(message, {
    appleLink: anchor(appleLink, appleLabel),
    googleLink: anchor(googleLink, googleLabel),
  });
};

/** Puts the message where the first callback stands (spec: nodes-mfa §4.2). */
const getAppScript = (html: string): string =>
  `document.getElementById('callback_0').innerHTML = "<div class='text-center'>${scriptText(html)}</div>";`;

/** By what the links are of, and then by the message: authors have written all of it, so that there are a few in each language. */
const scripts = new WeakMap<object, Map<string, string>>();

/** The script with the message and its links, made once for each node and language. */
export const getAppScriptOf = (node: object, message: string, links: AppStoreLinks): string => {
  let known = scripts.get(node);
  if (known === undefined) {
    known = new Map();
    scripts.set(node, known);
  }
  const key = JSON.stringify([message, links.appleLabel, links.googleLabel]);
  let script = known.get(key);
  if (script === undefined) {
    script = getAppScript(getAppHtml(message, links));
    known.set(key, script);
  }
  return script;
};
