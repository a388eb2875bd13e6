/** The shape of a series, without axes; the words around it carry the figures. */
export function Sparkline({
  values,
  width = 96,
  height = 28,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
}) {
  // one value has no shape, but its place in the row is kept
  if (values.length < 2) return <svg aria-hidden="true" height={height} width={width} />;
  const least = Math.min(...values);
  const span = Math.max(...values) - least || 1;
  const points = values.map((value, index) => [
    3 + (index / (values.length - 1)) * (width - 6),
    3 + (1 - (value - least) / span) * (height - 6),
  ]);
  const [x = 0, y = 0] = points.at(-1) ?? [];
  return (
    <svg aria-hidden="true" height={height} viewBox={`0 0 ${width} ${height}`} width={width}>
      <polyline
        fill="none"
        points={points.map((point) => point.map((at) => at.toFixed(1)).join(',')).join(' ')}
        stroke="var(--ink-faint)"
        strokeLinejoin="round"
        strokeWidth="1.5"
      />
      <circle cx={x} cy={y} fill="var(--accent)" r="2.5" />
    </svg>
  );
}
