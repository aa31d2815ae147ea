/** The address of a file that the build puts beside the scripts. */
declare module '*.wasm?url' {
  const url: string;
  // biome-ignore lint/style/noDefaultExport: this is how the build hands it over.
  export default url;
}
