import { literal } from './ceremony-script.ts';

/** Says in the page of AM that the authenticator is waited for; the script of the ceremony goes before it. */
export const waitingScript = (message: string): string =>
  `(function () {
  var panel = document.createElement("div");
  panel.className = "text-center";
  panel.textContent = ${literal(message)};
  var form = document.forms[0] || document.body;
  form.insertBefore(panel, form.firstChild);
})();`;
