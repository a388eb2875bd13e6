/**
 * Draws a V8 CPU profile as a flame graph: `node bench/support/flame-graph.ts PROFILE OUT.svg [SECONDS]`.
 *
 * Width is time on the main thread, idle time left out; each box stands on its caller. Only the last SECONDS of the
 * profile are drawn, where given. Names are those of functions and files, without folders of the machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

interface Frame {
  name: string;
  time: number;
  children: Map<string, Frame>;
}

const WIDTH = 1200;
const ROW = 17;
const DEEPEST = 34;
/** Narrower boxes are left out. */
const NARROWEST = 1.5;
const LEFT_OUT = new Set(['(root)', '(idle)', '(program)']);
const COLOURS = ['#e4f0ee', '#cfe5e1', '#f6e7cb', '#f1dcb3', '#dce8f2', '#c8dbea'];

function nameOf({ callFrame }: ProfileNode): string {
  const file = callFrame.url.split('/').at(-1) ?? '';
  const name = callFrame.functionName || '(anonymous)';
  return file === '' ? name : `${name} ${file.replace(/^node:/, '')}`;
}

function frames(profile: Profile, seconds: number): Frame {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const root: Frame = { name: 'main thread', time: 0, children: new Map() };
  const total = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  let at = 0;
  profile.samples.forEach((sample, i) => {
    const delta = profile.timeDeltas[i] ?? 0;
    at += delta;
    if (total - at > seconds * 1e6) return;
    const stack: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id);
      if (node) stack.push(nameOf(node));
    }
    if (stack[0] === '(idle)') return;
    add(
      root,
      stack.reverse().filter((name) => !LEFT_OUT.has(name)),
      delta,
    );
  });
  return root;
}

function add(root: Frame, stack: readonly string[], time: number): void {
  let frame = root;
  frame.time += time;
  for (const name of stack.slice(0, DEEPEST)) {
    const next = frame.children.get(name) ?? { name, time: 0, children: new Map() };
    frame.children.set(name, next);
    next.time += time;
    frame = next;
  }
}

function draw(root: Frame): string {
  const boxes: string[] = [];
  let deepest = 0;
  const put = (frame: Frame, x: number, depth: number): void => {
    const width = (frame.time / root.time) * WIDTH;
    if (width < NARROWEST) return;
    deepest = Math.max(deepest, depth);
    const share = ((frame.time / root.time) * 100).toFixed(1);
    const text = escaped(frame.name.slice(0, Math.max(0, Math.floor(width / 6.2) - 1)));
    const colour = COLOURS[[...frame.name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
    boxes.push(
      `<g><title>${escaped(frame.name)} ${share} %</title><rect x="${x.toFixed(1)}" y="${depth * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}"/>` +
        `<text x="${(x + 3).toFixed(1)}" y="${depth * ROW + 12}">${text}</text></g>`,
    );
    let at = x;
    for (const child of [...frame.children.values()].sort((a, b) => b.time - a.time)) {
      put(child, at, depth + 1);
      at += (child.time / root.time) * WIDTH;
    }
  };
  put(root, 0, 0);
  const height = (deepest + 1) * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="10.5" role="img" aria-label="Flame graph"><title>Flame graph</title>${boxes.join('\n')}</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const [source, out, seconds = 'Infinity'] = process.argv.slice(2);
if (!source || !out) throw new Error('usage: flame-graph.ts PROFILE OUT.svg [SECONDS]');
writeFileSync(out, draw(frames(JSON.parse(readFileSync(source, 'utf8')) as Profile, Number(seconds))));
