// The browser of the browser tests. As a command: installs one where that can be done without asking, which is as root on a
// Debian with its own packages; elsewhere it says what is missing. Ends with 0 if there is a browser.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Chinese has to be seen in its own letters. */
const PACKAGES = ['chromium', 'fonts-noto-cjk'];

/** The path of a browser, or undefined. */
export function findBrowser() {
  return [process.env.MERIDIAN_CHROMIUM, ...CANDIDATES].find((path) => path !== undefined && existsSync(path));
}

/** The path of a browser after an attempt to install one; undefined where that cannot be done. */
export function provideBrowser() {
  const found = findBrowser();
  if (found !== undefined) return found;
  if (!isRootOnDebian()) {
    console.error(
      'The browser tests need Chromium: install the packages chromium and fonts-noto-cjk. They are skipped.',
    );
    return undefined;
  }
  console.error('Installing Chromium for the browser tests.');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['-qq', 'update'],
    ['-qq', '-y', '--no-install-recommends', 'install', ...PACKAGES],
  ]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment, timeout: 300_000 });
  }
  const installed = findBrowser();
  if (installed === undefined) console.error('Chromium could not be installed. The browser tests are skipped.');
  return installed;
}

function isRootOnDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  try {
    return /^ID(?:_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exit(provideBrowser() === undefined ? 1 : 0);
