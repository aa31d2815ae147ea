import { defineConfig } from 'vite';
import { phoneApp } from './vite.phone.ts';
import { renderedPages } from './vite.rendered.ts';

/**
 * Every address in the output is relative, because the pages live under whatever context path the server has:
 * `{am}/login` and `{am}/account` are served from the top of `dist`, `{am}/phone/` from its folder, their parts from
 * `{am}/assets/`.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [renderedPages(), phoneApp()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The CSP has no `data:` for scripts and styles, and the polyfill would be an inline script.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      // Pages and modules of the server are built within this build, which is no plugin that is slow.
      checks: { bundlerTimings: false },
      input: {
        account: `${import.meta.dirname}/account.html`,
        phone: `${import.meta.dirname}/phone/index.html`,
      },
      // What both these pages use is loaded once and named after what it is.
      output: {
        codeSplitting: {
          groups: [{ name: 'kit', test: /packages.web.src.kit|node_modules.preact/, minShareCount: 2 }],
        },
      },
    },
  },
});
