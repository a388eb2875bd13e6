import { getConfig } from '@lingui/conf';
import { lingui, linguiTransformerBabelPreset } from '@lingui/vite-plugin';
import babel from '@rolldown/plugin-babel';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompress } from './tools/precompress.ts';

const root = import.meta.dirname;

export default defineConfig({
  root,
  plugins: [
    react(),
    lingui({ cwd: root, failOnCompileError: true }),
    // Lingui's faster native transform has binaries that npm on an older Node leaves out
    babel({ presets: [linguiTransformerBabelPreset({ linguiConfig: getConfig({ cwd: root }) }, { cwd: root })] }),
    // last: it works on what the others have written
    precompress(),
  ],
  build: {
    target: 'es2024',
    // the content security policy allows no data: URLs and no inline script
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // how long each plugin took is no news to whoever starts a server
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
