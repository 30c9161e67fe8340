/** The control log: envelopes, conditional append, folds, shared projections, secrets. */
export {}
