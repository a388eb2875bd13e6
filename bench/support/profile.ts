import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What V8 writes with `--cpu-prof` (Chrome DevTools protocol, Profiler.Profile). */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Where a process spent its time: a function, and how long it was itself on top of the stack. */
export interface SelfTime {
  name: string;
  place: string;
  milliseconds: number;
  /** Of all time in which the process did something. */
  share: number;
}

/** The functions with the most self time of a `.cpuprofile`, idle time left out. */
export function selfTimes(file: string, most: number, root: string): SelfTime[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { name: string; place: string; micros: number }>();
  let busy = 0;
  for (const [i, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    const micros = profile.timeDeltas[i] ?? 0;
    if (!frame || frame.functionName === '(idle)' || frame.functionName === '(program)') continue;
    busy += micros;
    const place = frame.url === '' ? 'V8' : `${placeOf(frame.url, root)}:${frame.lineNumber + 1}`;
    const name = frame.functionName || '(anonymous)';
    const key = `${name} ${place}`;
    const sum = times.get(key) ?? { name, place, micros: 0 };
    sum.micros += micros;
    times.set(key, sum);
  }
  return [...times.values()]
    .sort((a, b) => b.micros - a.micros)
    .slice(0, most)
    .map(({ name, place, micros }) => ({ name, place, milliseconds: micros / 1000, share: micros / busy }));
}

function placeOf(url: string, root: string): string {
  return url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
}
