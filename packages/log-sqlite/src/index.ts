/** The embedded log: the log port on node:sqlite. */
export {}
