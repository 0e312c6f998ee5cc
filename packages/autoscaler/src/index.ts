/** How many game servers a fleet should have. */
export {};
