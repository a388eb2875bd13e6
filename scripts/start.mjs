// npm start: installs what is missing and starts Meridian. Arguments go to `meridian serve`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, prepare, root, run } from './prepare.mjs';

const node = prepare();
const main = join(root, 'packages', 'cli', 'src', 'main.ts');
if (!existsSync(main)) fail('packages/cli/src/main.ts is missing: this checkout is not complete.');
process.exit(await run(node, [main, 'serve', ...process.argv.slice(2)]));
