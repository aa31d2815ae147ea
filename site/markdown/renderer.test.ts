import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pageOf } from '../content/read-pages.ts';
import { filePages } from './files.ts';
import { markdownRenderer } from './renderer.ts';
import { Targets } from './targets.ts';

const root = mkdtempSync(join(tmpdir(), 'assent-site-'));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'examples'));
writeFileSync(join(root, 'examples/app.js'), 'const fence = "```";\n');
mkdirSync(join(root, 'docs/images'), { recursive: true });
writeFileSync(join(root, 'docs/images/one.png'), '');

const mail = pageOf('docs/guides/mail.md', '# Mail\n');
const glossary = pageOf('docs/glossary.md', '# Glossary\n');

const render = (markdown: string, sourceUrl?: string): string => {
  const targets = new Targets(root, [mail, glossary], sourceUrl);
  return markdownRenderer(targets, () => mail).render(markdown, { page: { inputPath: mail.source } });
};

test('a link to Markdown leads to its page, by a way that needs no server', () => {
  expect(render('[words](../glossary.md#our-words)')).toContain('href="../glossary.html#our-words"');
});

test('a link to another file leads to the repository where there is one, and to a page that shows it where there is none', () => {
  expect(render('[app](../../examples/app.js)', 'https://git.example.com/blob/main/')).toContain(
    'href="https://git.example.com/blob/main/examples/app.js"',
  );
  expect(render('[app](../../examples/app.js)')).toContain('href="../files/examples/app.js.html"');
});

test('the page of a file has all of it, whatever it holds, and the page of a folder has its files', () => {
  const [folder, file] = filePages(root, ['examples']);
  expect([folder?.address, file?.address]).toEqual(['files/examples.html', 'files/examples/app.js.html']);
  expect(folder?.markdown).toContain('[app.js](/examples/app.js)');
  expect(render(file?.markdown ?? '')).toMatch(/<pre><code>.*```/);
});

test('a link to what is not there is refused, with the page that has it', () => {
  expect(() => render('[gone](gone.md)')).toThrow(
    'docs/guides/mail.md links to gone.md, and there is no docs/guides/gone.md.',
  );
});

test('a picture is found, also in HTML', () => {
  expect(render('<img src="../images/one.png" alt="One">')).toContain('src="../images/one.png"');
});

test('headings have the anchors that they have on GitHub, and lead to themselves', () => {
  expect(render('## Roles, and `who` has them\n\n## Roles, and `who` has them\n')).toMatch(
    /<h2 id="roles-and-who-has-them"><a href="#roles-and-who-has-them"[\s\S]*<h2 id="roles-and-who-has-them-1">/,
  );
});

test('cells are aligned without a style, which the policy of the pages refuses', () => {
  const html = render('| n |\n|--:|\n| 1 |\n');
  expect(html).toContain('<td class="s-right">');
  expect(html).not.toContain('style=');
});

test('comments for whoever keeps the Markdown are not shown, and braces are', () => {
  expect(render('<!-- generated -->\n\n{{user}} <!-- here -->')).toBe('\n<p>{{user}} </p>\n');
});
