import styles from './welcome-page.module.css';

const CENTRE = 260;
const RADIUS = 236;
/** Half-widths of the meridians: a globe seen from the side. */
const WIDTHS = [0, 62, 120, 172, 212, RADIUS];
/** Entries along a life: which meridian (negative: to the left), how far down from -1 to 1, and how large. */
const ENTRIES: readonly (readonly [meridian: number, down: number, size: number])[] = [
  [-5, -0.2, 4],
  [-4, 0.45, 6],
  [-3, -0.55, 5],
  [-2, 0.1, 7],
  [-1, 0.72, 5],
  [1, -0.3, 6],
  [2, 0.5, 5],
  [3, 0.12, 8],
  [4, -0.42, 5],
  [5, 0.3, 4],
];

/** Decoration: the entries of a life on their meridians, one of them sealed. */
export function MeridianArt() {
  return (
    <svg aria-hidden="true" className={styles.art} viewBox="0 0 520 520">
      <g fill="none" opacity="0.5" stroke="currentColor" strokeWidth="1.25">
        {WIDTHS.map((width) => (
          <ellipse cx={CENTRE} cy={CENTRE} key={width} rx={width} ry={RADIUS} />
        ))}
      </g>
      {ENTRIES.map(([meridian, down, size]) => (
        <circle cx={acrossAt(meridian, down)} cy={CENTRE + down * RADIUS} fill="currentColor" key={meridian} r={size} />
      ))}
      <g fill="var(--seal)" transform={`translate(${acrossAt(1, -0.62) - 22} ${CENTRE - 0.62 * RADIUS - 22})`}>
        <rect height="44" rx="9" width="44" />
        <path
          d="M13 22.5 19.5 29 31 16"
          fill="none"
          stroke="var(--surface)"
          strokeLinecap="round"
          strokeLinejoin="round"
          strokeWidth="4"
        />
      </g>
    </svg>
  );
}

function acrossAt(meridian: number, down: number): number {
  return CENTRE + Math.sign(meridian) * (WIDTHS[Math.abs(meridian)] ?? 0) * Math.sqrt(1 - down * down);
}
