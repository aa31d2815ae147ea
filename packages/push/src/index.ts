export * from './devices.ts';
export * from './messages.ts';
