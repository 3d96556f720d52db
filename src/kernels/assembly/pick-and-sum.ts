/**
 * out[r, i] = sum of x[r, j] over the `group` indices j of entry i.
 * @param x [rows, columns]
 * @param indices int32 [count, group]; an index of `columns` stands for a zero
 * @param out [rows, count]
 */
export function pickAndSum(
  out: usize,
  x: usize,
  indices: usize,
  rows: i32,
  columns: i32,
  count: i32,
  group: i32,
): void {
  for (let r = 0; r < rows; r++) {
    let at = indices;
    for (let i = 0; i < count; i++) {
      let sum: f32 = 0;
      for (let g = 0; g < group; g++) {
        const index = load<i32>(at);
        if (index < columns) sum += load<f32>(x + (<usize>index << 2));
        at += 4;
      }
      store<f32>(out, sum);
      out += 4;
    }
    x += <usize>columns << 2;
  }
}
