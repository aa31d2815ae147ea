const SOURCE = /^[\w.@/-]+\.(tsx?|mjs|css)$/;
const PATH = /^(packages|bench|conformance|tools|docs)\/[\w.@/-]*$/;

/** Files and folders that a page names in backticks: sources, and all that begins with a folder of the root. */
export const filesNamedIn = (page) =>
  [...page.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)]
    .map(([, span]) => span)
    .filter((span) => SOURCE.test(span) || PATH.test(span));

/** Whether one of the files ends so, or lies in a folder of that path. */
export const isThere = (named, files) =>
  files.some((file) => file === named || file.endsWith(`/${named}`) || file.startsWith(`${named.replace(/\/$/, '')}/`));
