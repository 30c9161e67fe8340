/** The command line: tailrace. */
export {}
