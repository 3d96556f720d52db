export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export const deviceNames = ['auto', 'gpu', 'cpu'] as const;
export type DeviceName = (typeof deviceNames)[number];
