/** The map: two fields side by side. */
export const world = {
  regions: [
    { id: 'west', bounds: { minX: -100, maxX: 0, minY: -50, maxY: 50 } },
    { id: 'east', bounds: { minX: 0, maxX: 100, minY: -50, maxY: 50 } },
  ],
  spawn: { region: 'west' },
};
