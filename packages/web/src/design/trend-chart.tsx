import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { FORMATS, type Language } from '../i18n/language.ts';
import styles from './trend-chart.module.css';

export interface TrendPoint {
  /** Epoch milliseconds. */
  at: number;
  value: number;
}

/**
 * Values over time, the reference range shaded; drag to zoom, double-click to see all. The same figures must stand in
 * a table nearby: a canvas says nothing to a screen reader, to which only `summary` is read.
 */
export function TrendChart({
  points,
  low,
  high,
  unit,
  summary,
  language,
  height = 220,
}: {
  points: readonly TrendPoint[];
  low?: number | undefined;
  high?: number | undefined;
  unit: string;
  summary: string;
  language: Language;
  height?: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, so a new scheme draws anew
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const data: uPlot.AlignedData = [points.map(({ at }) => at / 1000), points.map(({ value }) => value)];
    const options = { width: element.clientWidth, height, low, high, unit, language, colours: coloursOf(element) };
    const chart = new uPlot(optionsOf(options), data, element);
    const watcher = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      chart.destroy();
    };
  }, [points, low, high, unit, height, language, colorScheme]);
  return <div aria-label={summary} className={styles.chart} ref={box} role="img" />;
}

interface Colours {
  ink: string;
  line: string;
  accent: string;
  range: string;
  surface: string;
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: colour('--ink-faint'),
    line: colour('--line'),
    accent: colour('--accent'),
    range: colour('--good-soft'),
    surface: colour('--surface'),
  };
}

function optionsOf(given: {
  width: number;
  height: number;
  low: number | undefined;
  high: number | undefined;
  unit: string;
  language: Language;
  colours: Colours;
}): uPlot.Options {
  const { width, height, low, high, unit, language, colours } = given;
  const axis = {
    stroke: colours.ink,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
    font: '12px sans-serif',
  };
  const dates = new Intl.DateTimeFormat(FORMATS[language], { year: 'numeric', month: 'short' });
  return {
    width,
    height,
    legend: { show: false },
    padding: [12, 12, 0, 0],
    scales: {
      y: { range: (_chart, least, most) => yRange(Math.min(least, low ?? least), Math.max(most, high ?? most)) },
    },
    axes: [
      { ...axis, space: 72, values: (_chart, splits) => splits.map((at) => dates.format(at * 1000)) },
      { ...axis, size: 56, values: (_chart, splits) => splits.map((value) => value.toLocaleString(FORMATS[language])) },
    ],
    series: [
      {},
      {
        label: unit,
        stroke: colours.accent,
        width: 2,
        points: { show: true, size: 8, fill: colours.surface, stroke: colours.accent, width: 2 },
      },
    ],
    hooks: { drawClear: [(chart) => shade(chart, low, high, colours.range)] },
  };
}

/** Some air above and below, also where all values are the same. */
function yRange(least: number, most: number): [number, number] {
  const air = (most - least) * 0.12 || Math.abs(most) * 0.1 || 1;
  return [least - air, most + air];
}

function shade(chart: uPlot, low: number | undefined, high: number | undefined, colour: string): void {
  if (low === undefined && high === undefined) return;
  const { left, top, width, height } = chart.bbox;
  const upper = high === undefined ? top : Math.max(top, chart.valToPos(high, 'y', true));
  const lower = low === undefined ? top + height : Math.min(top + height, chart.valToPos(low, 'y', true));
  chart.ctx.save();
  chart.ctx.fillStyle = colour;
  chart.ctx.fillRect(left, upper, width, lower - upper);
  chart.ctx.restore();
}
