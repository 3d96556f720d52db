/** A point of a glyph: x to the right, y downwards, the digit's box is about [0.1, 0.9] x [0, 1]. */
export type Point = readonly [x: number, y: number];

/** One movement of the pen through control points, as straight lines or as a smooth curve. */
export interface Stroke {
  readonly points: readonly Point[];
  readonly smooth: boolean;
}

/** One way of writing a digit. */
export type Glyph = readonly Stroke[];

const line = (...points: Point[]): Stroke => ({ points, smooth: false });
const curve = (...points: Point[]): Stroke => ({ points, smooth: true });

/** A closed ellipse that starts and ends at its top. */
function ellipse(centre: Point, radii: Point): Stroke {
  const points = Array.from({ length: 9 }, (_, i): Point => {
    const angle = (i * Math.PI) / 4;
    return [centre[0] - radii[0] * Math.sin(angle), centre[1] - radii[1] * Math.cos(angle)];
  });
  return curve(...points);
}

/** The ways of writing each digit, by class. */
export const glyphs: readonly (readonly Glyph[])[] = [
  // 0: round, narrow, and begun with an overshoot at the top
  [
    [ellipse([0.5, 0.5], [0.4, 0.5])],
    [ellipse([0.5, 0.5], [0.27, 0.5])],
    [
      curve(
        [0.65, 0.06],
        [0.35, 0.04],
        [0.14, 0.4],
        [0.25, 0.9],
        [0.6, 0.97],
        [0.86, 0.6],
        [0.72, 0.12],
        [0.5, 0],
      ),
    ],
  ],
  // 1: a bar, with a flag, with flag and foot
  [
    [line([0.5, 0], [0.5, 1])],
    [line([0.3, 0.24], [0.55, 0], [0.55, 1])],
    [line([0.3, 0.2], [0.52, 0], [0.52, 1]), line([0.25, 1], [0.8, 1])],
  ],
  // 2: pointed foot, looped foot, angular
  [
    [
      curve([0.14, 0.25], [0.3, 0.03], [0.68, 0.02], [0.82, 0.3], [0.55, 0.65], [0.12, 1]),
      line([0.12, 1], [0.9, 1]),
    ],
    [
      curve(
        [0.18, 0.2],
        [0.45, 0],
        [0.8, 0.2],
        [0.7, 0.55],
        [0.35, 0.9],
        [0.15, 0.92],
        [0.22, 0.75],
        [0.5, 0.85],
        [0.9, 0.97],
      ),
    ],
    [line([0.15, 0.15], [0.5, 0], [0.85, 0.18], [0.8, 0.4], [0.1, 1], [0.9, 1])],
  ],
  // 3: two bows, a flat top, bows that meet in a loop
  [
    [
      curve([0.16, 0.12], [0.5, 0], [0.8, 0.2], [0.45, 0.46]),
      curve([0.45, 0.46], [0.86, 0.66], [0.6, 0.98], [0.12, 0.88]),
    ],
    [line([0.16, 0], [0.82, 0], [0.45, 0.4]), curve([0.45, 0.4], [0.88, 0.58], [0.66, 0.98], [0.12, 0.92])],
    [
      curve(
        [0.2, 0.1],
        [0.55, 0],
        [0.78, 0.2],
        [0.5, 0.46],
        [0.38, 0.5],
        [0.52, 0.5],
        [0.86, 0.72],
        [0.55, 1],
        [0.14, 0.86],
      ),
    ],
  ],
  // 4: open, closed, open with a slanted bar
  [
    [line([0.2, 0], [0.12, 0.52], [0.92, 0.52]), line([0.72, 0.08], [0.68, 1])],
    [line([0.66, 1], [0.66, 0], [0.06, 0.66], [0.95, 0.66])],
    [curve([0.22, 0.05], [0.14, 0.42], [0.4, 0.56], [0.78, 0.44]), line([0.84, 0.02], [0.72, 1])],
  ],
  // 5: one movement, a separate roof, a round back
  [
    [
      line([0.84, 0], [0.26, 0], [0.2, 0.42]),
      curve([0.2, 0.42], [0.55, 0.36], [0.86, 0.62], [0.6, 0.97], [0.12, 0.92]),
    ],
    [
      line([0.88, 0.04], [0.38, 0.02]),
      curve([0.36, 0.03], [0.22, 0.4], [0.6, 0.5], [0.8, 0.75], [0.5, 1], [0.15, 0.9]),
    ],
    [
      line([0.8, 0.02], [0.3, 0.02]),
      curve([0.3, 0.02], [0.2, 0.3], [0.3, 0.44], [0.7, 0.46], [0.84, 0.75], [0.55, 1], [0.14, 0.88]),
    ],
  ],
  // 6: a long bow, a straight stem, a wide loop
  [
    [
      curve(
        [0.74, 0.02],
        [0.34, 0.26],
        [0.14, 0.66],
        [0.34, 0.98],
        [0.72, 0.92],
        [0.76, 0.6],
        [0.45, 0.52],
        [0.17, 0.74],
      ),
    ],
    [line([0.55, 0], [0.2, 0.66]), ellipse([0.48, 0.74], [0.31, 0.26])],
    [curve([0.5, 0], [0.2, 0.3], [0.14, 0.8], [0.5, 1], [0.86, 0.8], [0.7, 0.5], [0.4, 0.52], [0.18, 0.7])],
  ],
  // 7: plain, crossed, with a bent stem
  [
    [line([0.12, 0], [0.88, 0], [0.42, 1])],
    [line([0.12, 0.03], [0.86, 0], [0.46, 1]), line([0.32, 0.5], [0.84, 0.48])],
    [line([0.14, 0.14], [0.16, 0.02], [0.84, 0.04]), curve([0.84, 0.04], [0.7, 0.3], [0.52, 0.6], [0.5, 1])],
  ],
  // 8: one movement, two rings, an open top
  [
    [
      curve(
        [0.5, 0.48],
        [0.2, 0.24],
        [0.5, 0],
        [0.8, 0.24],
        [0.5, 0.48],
        [0.14, 0.76],
        [0.5, 1],
        [0.86, 0.76],
        [0.5, 0.48],
      ),
    ],
    [ellipse([0.5, 0.24], [0.27, 0.24]), ellipse([0.5, 0.74], [0.35, 0.26])],
    [
      curve(
        [0.84, 0.1],
        [0.5, 0],
        [0.22, 0.2],
        [0.5, 0.48],
        [0.8, 0.76],
        [0.5, 1],
        [0.2, 0.78],
        [0.52, 0.45],
        [0.8, 0.06],
      ),
    ],
  ],
  // 9: a curved tail, a straight stem, a hooked tail
  [
    [
      curve([0.8, 0.24], [0.46, 0.02], [0.16, 0.28], [0.42, 0.52], [0.8, 0.26]),
      curve([0.8, 0.26], [0.76, 0.65], [0.6, 1]),
    ],
    [ellipse([0.48, 0.26], [0.31, 0.26]), line([0.79, 0.24], [0.74, 1])],
    [
      curve([0.8, 0.26], [0.5, 0], [0.18, 0.26], [0.45, 0.52], [0.8, 0.28]),
      curve([0.8, 0.28], [0.84, 0.72], [0.6, 1], [0.22, 0.9]),
    ],
  ],
];

/** The path of the pen as a polyline; a smooth stroke becomes a Catmull-Rom spline through its control points. */
export function polyline({ points, smooth }: Stroke): Point[] {
  if (!smooth) return [...points];
  const pieces = 5;
  const path: Point[] = [points[0]!];
  for (let i = 0; i + 1 < points.length; i++) {
    const neighbours = [
      points[Math.max(i - 1, 0)]!,
      points[i]!,
      points[i + 1]!,
      points[i + 2] ?? points[i + 1]!,
    ];
    for (let piece = 1; piece <= pieces; piece++) path.push(catmullRom(neighbours, piece / pieces));
  }
  return path;
}

/** The uniform Catmull-Rom spline at `t` in [0, 1] between the second and the third of four points. */
function catmullRom(points: readonly Point[], t: number): Point {
  const [a, b, c, d] = points as [Point, Point, Point, Point];
  const weights = [
    -t + 2 * t ** 2 - t ** 3,
    2 - 5 * t ** 2 + 3 * t ** 3,
    t + 4 * t ** 2 - 3 * t ** 3,
    t ** 3 - t ** 2,
  ];
  const at = (axis: 0 | 1) =>
    0.5 * (weights[0]! * a[axis] + weights[1]! * b[axis] + weights[2]! * c[axis] + weights[3]! * d[axis]);
  return [at(0), at(1)];
}
