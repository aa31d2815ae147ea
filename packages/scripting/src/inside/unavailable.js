/** The error of a script that uses what this server does not have. */
export const notAvailable = (what) => new Error(`${what} is not available to scripts of this server`);

/** Stands for something that scripts may not have: every use of it says so. */
export const absent = (what) =>
  new Proxy(function none() {}, {
    get: (_target, name) =>
      typeof name === 'symbol'
        ? undefined
        : () => {
            throw notAvailable(what);
          },
    apply: () => {
      throw notAvailable(what);
    },
    construct: () => {
      throw notAvailable(what);
    },
  });
