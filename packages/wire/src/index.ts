export * from './auth-id.ts';
export * from './authenticate.ts';
export * from './callbacks.ts';
export * from './error-reference.ts';
export * from './errors.ts';
export * from './json.ts';
export * from './script.ts';
