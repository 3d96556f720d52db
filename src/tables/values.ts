import { canonicalJson, type Json } from '../json.js';

/** A number for CSV files: twelve significant digits, so that the last bits of sums do not differ by machine. */
export function precise(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(12)));
}

/**
 * A fraction as per cent with one decimal, without the sign: `96.7`. Halves are rounded away from zero, so that a network
 * stuck at 11.35% reads 11.4 as in the paper; `toFixed` alone says 11.3, since 11.35 is a little less in binary.
 */
export function percent(value: number): string {
  const tenths = Math.sign(value) * Math.round(Number(Math.abs(1000 * value).toPrecision(12)));
  return (tenths / 10).toFixed(1);
}

/** A figure for people: fractions as per cent, others with four significant digits. */
export function readable(value: number | null, fraction: boolean): string {
  if (value === null) return '-';
  return fraction ? percent(value) : String(Number(value.toPrecision(4)));
}

/** A difference with its sign, in percentage points for fractions: `+0.3`, `-7.0`, `0.0`. */
export function signed(value: number | null, fraction: boolean): string {
  const text = readable(value, fraction);
  if (value === null || Number(text) === 0) return text.replace(/^-(?=.)/, '');
  return value > 0 ? `+${text}` : text;
}

/** A p-value for people. */
export function pValue(value: number | null): string {
  if (value === null) return '-';
  return value < 0.001 ? '<0.001' : value.toFixed(3);
}

/** A value as it stands: text without quotes, other JSON as JSON, and NaN and infinities by their names. */
export function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : canonicalJson(value);
}
