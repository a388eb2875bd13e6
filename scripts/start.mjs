// npm start: installs what is missing, builds the browser application when it has changed, and starts Meridian.
// Arguments go to `meridian serve`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from './build-web.mjs';
import { fail, prepare, root, run } from './prepare.mjs';

const node = prepare();
const main = join(root, 'packages', 'cli', 'src', 'main.ts');
if (!existsSync(main)) fail('packages/cli/src/main.ts is missing: this checkout is not complete.');
if ((await buildWeb(node)) !== 0)
  console.error('The browser application could not be built; the API works without it.');
process.exit(await run(node, [main, 'serve', ...process.argv.slice(2)]));
