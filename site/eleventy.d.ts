/** The part of Eleventy that the site uses; the package brings no types. */
declare module '@11ty/eleventy' {
  interface PageData {
    readonly page: { readonly inputPath: string };
  }

  interface EleventyConfig {
    readonly benchmarkManager: { get(group: 'Configuration'): { setIsVerbose(isVerbose: boolean): void } };
    setTemplateFormats(formats: readonly string[]): void;
    setLibrary(extension: string, library: unknown): void;
    addGlobalData(name: string, data: unknown): void;
    addTemplate(path: string, content: string, data: { readonly permalink: string }): void;
    addTransform(name: string, transform: (this: PageData, content: string) => string): void;
  }

  // biome-ignore lint/style/noDefaultExport: the package has it so.
  export default class Eleventy {
    constructor(
      input: string,
      output: string,
      options: {
        readonly quietMode?: boolean;
        readonly configPath?: string;
        readonly config: (config: EleventyConfig) => void;
      },
    );
    /** Renders all pages, and writes them. */
    write(): Promise<unknown>;
    disableLogger(): void;
  }
}
