import { readConfig, serve } from './src/index.ts';
import { writeFileSync } from 'node:fs';
const server = await serve(readConfig(process.env));
const token = await server.tokens.mint({ actor: 'system', system: true, expiresInSeconds: 7200 });
writeFileSync('/tmp/msrv/token', token); writeFileSync('/tmp/msrv/pid', String(process.pid));
let c = process.cpuUsage();
setInterval(() => { const n = process.cpuUsage(c); c = process.cpuUsage(); process.stderr.write(`cpu ${(n.user+n.system)/1000} ms\n`); }, 1000).unref();
process.on('SIGTERM', async () => { await server.close(); process.exit(0); });
