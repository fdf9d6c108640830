/** Told of each look that succeeded, by the layer that it belongs to: silence alarms. */
export type OnLook = (layer: 'sweep' | 'drift') => void;

export const ON_LOOK = Symbol('on look');
