import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import Eleventy from '@11ty/eleventy';
import type MarkdownIt from 'markdown-it';
import { bundleAssets, nameWithHash } from './bundle-assets.ts';
import { readContent } from './content/all-pages.ts';
import type { Page } from './content/page.ts';
import { MISSING } from './content/written-pages.ts';
import { type Assets, pageLayout } from './layout/page-layout.ts';
import { filePages } from './markdown/files.ts';
import { markdownRenderer } from './markdown/renderer.ts';
import { pictureAddress, Targets } from './markdown/targets.ts';
import { indexScript, searchedPages } from './search/sections.ts';

export interface SiteOptions {
  /** The directory of the repository; it is the working directory, too. */
  readonly root: string;
  /** Where the site is written; what lies there is removed. */
  readonly output: string;
  /** Where files of the repository can be looked at: what their paths are put behind. Without it the site shows them itself. */
  readonly sourceUrl?: string;
  /** The path that the site will have on its server, with a slash at both ends; only the page for missing pages needs it. */
  readonly basePath: string;
}

/** Where Eleventy is told that the pages lie. It has no Markdown: Eleventy would look through the whole repository else, where not all of it is a page. */
const INPUT = 'site/content';
const inputPathOf = (page: Page): string => `./${INPUT}/${page.source}`;

const writeFile = (output: string, path: string, content: string): void => {
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), content);
};

/** Writes what pages load, and says where it lies. */
const writeAssets = async (root: string, output: string, index: string): Promise<Assets> => {
  const { files, ...bundled } = await bundleAssets(root);
  const assets = { ...bundled, index: nameWithHash('assets/pages.js', index) };
  for (const [path, content] of files) writeFile(output, path, content);
  writeFile(output, assets.index, index);
  return assets;
};

const copyPictures = (root: string, output: string, pictures: Iterable<string>): void => {
  for (const picture of pictures) {
    const target = join(output, pictureAddress(picture));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, picture), target);
  }
};

/** Has Eleventy render the pages, and write them. */
const renderPages = async (
  pages: readonly Page[],
  output: string,
  markdown: MarkdownIt,
  layout: (page: Page, content: string) => string,
): Promise<void> => {
  const byInputPath = new Map(pages.map((page) => [inputPathOf(page), page]));
  const eleventy = new Eleventy(INPUT, relative(process.cwd(), output), {
    quietMode: true,
    config: (config) => {
      // Else it tells how long our layout takes, in spite of its quiet mode.
      config.benchmarkManager.get('Configuration').setIsVerbose(false);
      config.setTemplateFormats(['md']);
      config.setLibrary('md', markdown);
      // Braces in the Markdown are braces: no template language reads it first.
      config.addGlobalData('templateEngineOverride', 'md');
      for (const page of pages) config.addTemplate(page.source, page.markdown, { permalink: page.address });
      config.addTransform('layout', function (content) {
        const page = byInputPath.get(this.page.inputPath);
        if (page === undefined) throw new RangeError(`${this.page.inputPath} is no page of the site.`);
        return layout(page, content);
      });
    },
  });
  eleventy.disableLogger();
  await eleventy.write();
};

/** Writes the whole site, and resolves with how many pages it has. Throws `RangeError` with a page and what is wrong with it. */
export const buildSite = async ({ root, output, sourceUrl, basePath }: SiteOptions): Promise<number> => {
  const content = readContent(root);
  const targets = new Targets(root, content.pages, sourceUrl);
  const pages = [...content.pages];
  const markdown = markdownRenderer(targets, (inputPath) => {
    const page = pages.find((it) => inputPathOf(it) === inputPath);
    if (page === undefined) throw new RangeError(`${inputPath} is no page of the site.`);
    return page;
  });

  // All are read once before any is rendered: for what the search finds, and for the files that they link to.
  const tokens = new Map(
    pages.map((page) => [page, markdown.parse(page.markdown, { page: { inputPath: inputPathOf(page) } })]),
  );
  const index = indexScript(searchedPages(content, tokens));
  if (sourceUrl === undefined) pages.push(...filePages(root, targets.files));

  rmSync(output, { recursive: true, force: true });
  const assets = await writeAssets(root, output, index);
  copyPictures(root, output, targets.pictures);
  const map = { front: content.front, sections: content.sections };
  const options = { map, assets, ...(sourceUrl !== undefined && { sourceUrl }) };
  await renderPages(pages, output, markdown, (page, text) =>
    pageLayout(page, text, options, page.address === MISSING ? basePath : undefined),
  );
  return pages.length;
};
