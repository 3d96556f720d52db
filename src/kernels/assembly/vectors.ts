/** Stores the first `count` of four lanes; all of them when `count` is 4 or more. */
// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, lanes: v128, count: i32): void {
  if (count >= 4) {
    v128.store(address, lanes);
    return;
  }
  if (count > 0) store<f32>(address, f32x4.extract_lane(lanes, 0));
  if (count > 1) store<f32>(address, f32x4.extract_lane(lanes, 1), 4);
  if (count > 2) store<f32>(address, f32x4.extract_lane(lanes, 2), 8);
}

/** Loads the first `count` of four lanes, the others 0: never reads past the end of a tensor. */
// @ts-ignore: decorator
@inline
export function loadLanes(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  let lanes = f32x4.splat(0);
  if (count > 0) lanes = f32x4.replace_lane(lanes, 0, load<f32>(address));
  if (count > 1) lanes = f32x4.replace_lane(lanes, 1, load<f32>(address, 4));
  if (count > 2) lanes = f32x4.replace_lane(lanes, 2, load<f32>(address, 8));
  return lanes;
}
