/** The map. The servers, the web client and the tests read it; regions may touch, but not overlap. */
export const world = {
  regions: [
    { id: 'meadow', name: 'Meadow', bounds: { minX: -100, maxX: 0, minY: -100, maxY: 0 } },
    { id: 'forest', name: 'Forest', bounds: { minX: 0, maxX: 100, minY: -100, maxY: 0 } },
    { id: 'lake', name: 'Lake', bounds: { minX: -100, maxX: 0, minY: 0, maxY: 100 } },
    { id: 'hills', name: 'Hills', bounds: { minX: 0, maxX: 100, minY: 0, maxY: 100 } },
  ],
  spawn: { region: 'meadow' },
};
