// What our Dockerfile holds to (OPS-69), and what is wrong with one that does not. The grammar is as much of it as we use.

const KNOWN = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);
const SECRET = /\b\w*(PASSWORD|SECRET|TOKEN|MASTER_KEY|PRIVATE_KEY)\w*\s*=/i;

/** The instructions of a Dockerfile, each with its line: comments are gone, and lines that go on are one. */
export const instructionsOf = (text) => {
  const found = [];
  let begun;
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const goesOn = /\\\s*$/.test(line);
    const words = line.replace(/\\\s*$/, '').trim();
    begun = begun === undefined ? { line: at + 1, words } : { ...begun, words: `${begun.words} ${words}` };
    if (goesOn) continue;
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(begun.words) ?? [];
    found.push({ line: begun.line, name: name.toUpperCase(), rest });
    begun = undefined;
  }
  if (begun !== undefined) found.push({ line: begun.line, name: '', rest: begun.words });
  return found;
};

const listIn = (text) => {
  try {
    const list = JSON.parse(text);
    return Array.isArray(list) && list.every((it) => typeof it === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
};

/** One that is not named by its digest is another one tomorrow. */
const isPinned = (image) => /@sha256:[\da-f]{64}$/.test(image);

const ofInstruction = {
  ARG: (rest) => {
    const [name, value] = rest.split('=');
    if (name === 'BASE' && value !== undefined && !isPinned(value)) return 'the usual base is not named by its digest';
  },
  FROM: (rest) => {
    if (rest !== '$BASE' && !isPinned(rest)) return `${rest} is not named by its digest`;
  },
  RUN: () => 'nothing is run while the image is built',
  ADD: () => 'ADD unpacks and downloads: COPY does neither',
  ONBUILD: () => 'nothing happens to images that others build on this one',
  USER: (rest) => {
    if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(rest))
      return `a user by its number, and not root: Kubernetes cannot tell who ${rest} is`;
  },
  ENTRYPOINT: (rest) => {
    if (listIn(rest) === undefined) return 'ENTRYPOINT is a list: a shell would keep signals to itself';
  },
  CMD: (rest) => {
    if (listIn(rest) === undefined) return 'CMD is a list: a shell would keep signals to itself';
  },
  HEALTHCHECK: (rest) => {
    const command = listIn(/CMD\s+(.*)$/.exec(rest)?.[1] ?? '');
    if (command?.join(' ') !== 'assent health') return 'the health check is ["assent", "health"]';
    if (!/--timeout=/.test(rest)) return 'a health check without --timeout waits for half a minute';
  },
};

/** What is wrong with a Dockerfile, each with its line; nothing for one that is in order. */
export const dockerfileProblems = (text) => {
  const all = instructionsOf(text);
  const problems = all.flatMap(({ line, name, rest }) => {
    if (!KNOWN.has(name)) return [`line ${line}: there is no instruction ${name || rest}`];
    if (/^(ARG|ENV|LABEL)$/.test(name) && SECRET.test(rest)) return [`line ${line}: a secret would be in every image`];
    const problem = ofInstruction[name]?.(rest);
    return problem === undefined ? [] : [`line ${line}: ${problem}`];
  });
  const missing = ['FROM', 'USER', 'HEALTHCHECK', 'ENTRYPOINT'].filter((name) => !all.some((it) => it.name === name));
  return [...problems, ...missing.map((name) => `there is no ${name}`)];
};
