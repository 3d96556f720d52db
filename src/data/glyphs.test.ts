import { expect, test } from 'vitest';
import { glyphs, polyline } from './glyphs.js';

test('every digit can be written in at least three ways, within its box', () => {
  expect(glyphs.length).toBe(10);
  for (const ways of glyphs) expect(ways.length).toBeGreaterThanOrEqual(3);
  for (const [x, y] of glyphs.flat(2).flatMap(polyline)) {
    expect(Math.abs(x - 0.5)).toBeLessThan(0.55);
    expect(Math.abs(y - 0.5)).toBeLessThan(0.55);
  }
});

test('a smooth stroke runs through its control points, a straight one is nothing but them', () => {
  for (const stroke of glyphs.flat(2)) {
    const path = polyline(stroke);
    if (!stroke.smooth) expect(path).toEqual(stroke.points);
    for (const [x, y] of stroke.points) {
      const nearest = Math.min(...path.map((point) => Math.hypot(point[0] - x, point[1] - y)));
      expect(nearest).toBeLessThan(1e-12);
    }
  }
});
