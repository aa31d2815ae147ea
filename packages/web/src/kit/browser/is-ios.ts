/** Whether this is an iPhone or iPad, whose home-screen apps keep storage of their own and take no links. @see ux.md §2.4 */
export const isIos = (): boolean => /\b(?:iPhone|iPad|iPod)\b/.test(navigator.userAgent);
