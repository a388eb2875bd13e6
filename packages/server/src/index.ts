export { openServerKey, type ServerKey } from './access/server-key.ts';
export { type Bearer, type MintRequest, Tokens } from './access/tokens.ts';
export { type Config, ConfigError, readConfig } from './config.ts';
export { createServer } from './create-server.ts';
export type { FrontParts } from './front.ts';
export type { Account, AccountInput } from './identity/account.ts';
export type { DemoAccount } from './identity/demo-accounts.ts';
export { Identity } from './identity/identity.ts';
export { type RunningServer, serve, serveUntilSignal } from './serve.ts';
